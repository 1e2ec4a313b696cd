/* The list of the denied, with a clock of our own. */
#include "tests/unit/unit.h"

#include "superd/running/denylist.h"

enum { SECOND = 1000000 };

static const struct client_bits usual = { CLIENT_BITS_V4, CLIENT_BITS_V6 };

static struct addr
host(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse_host(text, 4000, &addr), 0);
	return addr;
}

/* As a sensor does. */
static enum denied_result
deny_addr(struct denylist *denylist, const struct addr *addr,
    const struct client_bits *bits, int64_t until, int64_t now)
{
	struct denied denied = { .until = until };

	return denylist_client(addr, bits, &denied.client) ?
	    denylist_add(denylist, &denied, now) :
	    DENIED_NEVER;
}

static enum denied_result
deny(struct denylist *denied, const char *text, int64_t until, int64_t now)
{
	struct addr addr = host(text);

	return deny_addr(denied, &addr, &usual, until, now);
}

static bool
is_denied(struct denylist *denied, const char *text, int64_t now)
{
	struct addr addr = host(text);

	return denylist_find(denied, &addr, now) != NULL;
}

static void
an_address_is_denied_until_its_time_is_over(void **state)
{
	struct denylist *denied = denylist_new(8);

	(void)state;
	assert_false(is_denied(denied, "192.0.2.1", 0));
	assert_int_equal(deny(denied, "192.0.2.1", 60 * SECOND, 0), DENIED_NEW);
	assert_true(is_denied(denied, "192.0.2.1", 60 * SECOND - 1));
	assert_false(is_denied(denied, "192.0.2.2", 0));
	assert_int_equal(denylist_count(denied, 0), 1);
	assert_false(is_denied(denied, "192.0.2.1", 60 * SECOND));
	assert_int_equal(denylist_count(denied, 60 * SECOND), 0);
	denylist_free(denied);
}

static void
the_port_and_a_mapped_form_make_no_difference(void **state)
{
	struct denylist *denied = denylist_new(8);
	struct addr addr = host("192.0.2.1");

	(void)state;
	deny(denied, "::ffff:192.0.2.1", SECOND, 0);
	addr_set_port(&addr, 9);
	assert_non_null(denylist_find(denied, &addr, 0));
	assert_int_equal(denylist_count(denied, 0), 1);
	denylist_free(denied);
}

/* What is denied twice is denied until the later time. */
static void
another_hit_makes_it_longer_never_shorter(void **state)
{
	struct denylist *denied = denylist_new(8);

	(void)state;
	deny(denied, "192.0.2.1", 60 * SECOND, 0);
	assert_int_equal(deny(denied, "192.0.2.1", 30 * SECOND, 0),
	    DENIED_KNOWN);
	assert_true(is_denied(denied, "192.0.2.1", 59 * SECOND));
	deny(denied, "192.0.2.1", 90 * SECOND, 0);
	assert_true(is_denied(denied, "192.0.2.1", 89 * SECOND));
	deny(denied, "192.0.2.1", DENIED_FOR_EVER, 0);
	deny(denied, "192.0.2.1", 90 * SECOND, 0);
	assert_true(is_denied(denied, "192.0.2.1", INT64_MAX - 1));
	denylist_free(denied);
}

static void
an_ipv6_host_is_denied_with_its_network(void **state)
{
	struct denylist *denied = denylist_new(8);
	struct client_bits site = { 32, 48 };
	struct addr addr = host("2001:db8:0:9::1");

	(void)state;
	deny(denied, "2001:db8::1", SECOND, 0);
	assert_true(is_denied(denied, "2001:db8::ffff:1", 0));
	assert_false(is_denied(denied, "2001:db8:0:1::1", 0));
	assert_null(denylist_find(denied, &addr, 0));
	deny_addr(denied, &addr, &site, SECOND, 0);
	addr = host("2001:db8:0:ffff::1");
	assert_non_null(denylist_find(denied, &addr, 0));
	deny(denied, "fe80::1", SECOND, 0);
	assert_true(is_denied(denied, "fe80::1", 0));
	assert_false(is_denied(denied, "fe80::2", 0));
	denylist_free(denied);
}

static void
loopback_and_paths_are_never_denied(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.9.9.9", "::1",
		"::ffff:127.0.0.1" };
	struct denylist *denied = denylist_new(8);
	struct addr addr;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(deny(denied, hosts[i], SECOND, 0),
		    DENIED_NEVER);
	addr_parse_unix("/run/x", &addr);
	assert_int_equal(deny_addr(denied, &addr, &usual, SECOND, 0),
	    DENIED_NEVER);
	deny(denied, "::2", SECOND, 0);
	assert_false(is_denied(denied, "::1", 0));
	assert_null(denylist_find(denied, &addr, 0));
	denylist_free(denied);
}

static struct addr
numbered(unsigned n)
{
	char text[32];

	snprintf(text, sizeof(text), "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255,
	    n & 255);
	return host(text);
}

/* A flood fills the list and drives nobody off it; time makes room. */
static void
a_full_list_keeps_whom_it_has(void **state)
{
	enum { MOST = 1000 };
	struct denylist *denied = denylist_new(MOST);
	struct addr addr;

	(void)state;
	for (unsigned n = 0; n < 3 * MOST; n++) {
		addr = numbered(n);
		assert_int_equal(deny_addr(denied, &addr, &usual,
				     n == 7 ? 5 * SECOND : 60 * SECOND, 0),
		    n < MOST ? DENIED_NEW : DENIED_FULL);
	}
	assert_int_equal(denylist_count(denied, 0), MOST);
	for (unsigned n = 0; n < 3 * MOST; n++) {
		addr = numbered(n);
		assert_int_equal(denylist_find(denied, &addr, 0) != NULL,
		    n < MOST);
	}
	addr = numbered(3);
	assert_int_equal(deny_addr(denied, &addr, &usual, 70 * SECOND, 0),
	    DENIED_KNOWN);
	addr = numbered(MOST);
	assert_int_equal(deny_addr(denied, &addr, &usual, 60 * SECOND,
			     5 * SECOND),
	    DENIED_NEW);
	assert_int_equal(denylist_count(denied, 60 * SECOND), 1);
	assert_int_equal(denylist_count(denied, 70 * SECOND), 0);
	denylist_free(denied);
}

static enum denied_result
deny_by_hand(struct denylist *denylist, const char *text, int64_t until)
{
	struct denied denied = { .until = until, .by = DENIED_BY_HAND };

	assert_int_equal(prefix_parse(text, &denied.client), 0);
	return denylist_add(denylist, &denied, 0);
}

static bool
allow(struct denylist *denylist, const char *text)
{
	struct prefix client;

	assert_int_equal(prefix_parse(text, &client), 0);
	return denylist_remove(denylist, &client);
}

static void
networks_of_any_length_are_denied_and_allowed(void **state)
{
	struct denylist *denied = denylist_new(8);

	(void)state;
	deny_by_hand(denied, "10.0.0.0/8", 60 * SECOND);
	deny_by_hand(denied, "10.1.2.3", 60 * SECOND);
	deny_by_hand(denied, "2001:db8::/33", 60 * SECOND);
	assert_true(is_denied(denied, "10.200.0.1", 0));
	assert_true(is_denied(denied, "::ffff:10.200.0.1", 0));
	assert_false(is_denied(denied, "11.0.0.1", 0));
	assert_true(is_denied(denied, "2001:db8:7fff::1", 0));
	assert_false(is_denied(denied, "2001:db8:8000::1", 0));
	assert_false(allow(denied, "10.0.0.0/9"));
	assert_true(allow(denied, "10.0.0.0/8"));
	assert_false(is_denied(denied, "10.200.0.1", 0));
	assert_true(is_denied(denied, "10.1.2.3", 0));
	denylist_free(denied);
}

static void
everybody_may_be_denied_but_this_host(void **state)
{
	struct denylist *denied = denylist_new(8);

	(void)state;
	deny_by_hand(denied, "0.0.0.0/0", DENIED_FOR_EVER);
	deny_by_hand(denied, "::/0", DENIED_FOR_EVER);
	assert_true(is_denied(denied, "192.0.2.1", INT64_MAX - 1));
	assert_true(is_denied(denied, "2001:db8::1", 0));
	assert_false(is_denied(denied, "127.0.0.1", 0));
	assert_false(is_denied(denied, "::1", 0));
	denylist_free(denied);
}

/* ... and takes in what an administrator says when it is full. */
static void
by_hand_a_time_may_become_shorter(void **state)
{
	struct denylist *denied = denylist_new(1);

	(void)state;
	deny(denied, "192.0.2.1", 60 * SECOND, 0);
	assert_int_equal(deny(denied, "192.0.2.2", SECOND, 0), DENIED_FULL);
	assert_int_equal(deny_by_hand(denied, "192.0.2.1", SECOND),
	    DENIED_KNOWN);
	assert_false(is_denied(denied, "192.0.2.1", SECOND));
	assert_int_equal(deny_by_hand(denied, "192.0.2.3", SECOND), DENIED_NEW);
	denylist_free(denied);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_denied_until_its_time_is_over),
		cmocka_unit_test(the_port_and_a_mapped_form_make_no_difference),
		cmocka_unit_test(another_hit_makes_it_longer_never_shorter),
		cmocka_unit_test(an_ipv6_host_is_denied_with_its_network),
		cmocka_unit_test(loopback_and_paths_are_never_denied),
		cmocka_unit_test(a_full_list_keeps_whom_it_has),
		cmocka_unit_test(networks_of_any_length_are_denied_and_allowed),
		cmocka_unit_test(everybody_may_be_denied_but_this_host),
		cmocka_unit_test(by_hand_a_time_may_become_shorter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
