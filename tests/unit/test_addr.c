/* Addresses and prefixes. */
#include "tests/unit/unit.h"

#include "conf/addr.h"

static const char *
print(const char *host, uint16_t port)
{
	static char buf[ADDR_TEXT];
	struct addr addr;

	if (addr_parse_host(host, port, &addr) != 0)
		return "bad";
	return addr_print(&addr, buf, sizeof(buf));
}

static void
hosts_are_parsed_and_printed(void **state)
{
	(void)state;
	assert_string_equal(print("127.0.0.1", 21), "127.0.0.1:21");
	assert_string_equal(print("::1", 21), "[::1]:21");
	assert_string_equal(print("[2001:DB8::1]", 0), "[2001:db8::1]:0");
	assert_string_equal(print("fe80::1%lo", 7), "[fe80::1%lo]:7");
}

static void
no_address_and_unknown_families_print_as_a_dash(void **state)
{
	struct addr addr;
	char buf[ADDR_TEXT];

	(void)state;
	memset(&addr, 0, sizeof(addr));
	assert_string_equal(addr_print(&addr, buf, sizeof(buf)), "-");
	addr.len = sizeof(addr.u.sa);
	addr.u.sa.sa_family = AF_APPLETALK;
	assert_string_equal(addr_print(&addr, buf, sizeof(buf)), "-");
	addr.len = sizeof(sa_family_t);
	addr.u.sa.sa_family = AF_UNIX;
	assert_string_equal(addr_print(&addr, buf, sizeof(buf)), "unix");
}

static void
what_is_no_numeric_host_is_refused(void **state)
{
	static const char *const bad[] = { "", "localhost", "1.2.3",
		"1.2.3.4.5", "[127.0.0.1]", "::1]", "[::1", "fe80::1%nosuchif",
		"256.1.1.1", "1.2.3.4 ", "::1%0", NULL };

	(void)state;
	for (size_t i = 0; bad[i] != NULL; i++)
		assert_string_equal(print(bad[i], 1), "bad");
}

static void
ports_are_decimal_and_in_range(void **state)
{
	uint16_t port;

	(void)state;
	assert_int_equal(addr_parse_port("65535", &port), 0);
	assert_int_equal(port, 65535);
	assert_int_equal(addr_parse_port("65536", &port), -1);
	assert_int_equal(addr_parse_port("", &port), -1);
	assert_int_equal(addr_parse_port("-1", &port), -1);
	assert_int_equal(addr_parse_port("+1", &port), -1);
	assert_int_equal(addr_parse_port("0x15", &port), -1);
	assert_int_equal(addr_parse_port("000000021", &port), -1);
}

static void
unix_paths_fit_or_are_refused(void **state)
{
	char path[200], buf[ADDR_TEXT];
	struct addr addr;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[107] = '\0';
	assert_int_equal(addr_parse_unix(path, &addr), 0);
	assert_string_equal(addr_print(&addr, buf, sizeof(buf)), path);
	path[107] = 'x';
	path[108] = '\0';
	assert_int_equal(addr_parse_unix(path, &addr), -1);
	assert_int_equal(addr_parse_unix("@name", &addr), 0);
	assert_int_equal(addr.u.un.sun_path[0], 0);
	assert_string_equal(addr_print(&addr, buf, sizeof(buf)), "@name");
	assert_int_equal(addr_parse_unix("", &addr), -1);
}

static void
mapped_addresses_become_what_they_stand_for(void **state)
{
	struct addr mapped, plain;

	(void)state;
	addr_parse_host("::ffff:192.0.2.1", 5, &mapped);
	addr_parse_host("192.0.2.1", 5, &plain);
	assert_false(addr_equal(&mapped, &plain));
	addr_unmap(&mapped);
	assert_true(addr_equal(&mapped, &plain));
}

static void
expect_client(const char *text, unsigned v4, unsigned v6, const char *expected)
{
	struct client_bits bits = { (uint8_t)v4, (uint8_t)v6 };
	struct prefix client;
	struct addr addr;
	char printed[ADDR_TEXT];

	assert_int_equal(text[0] == '/' ?
		addr_parse_unix(text, &addr) :
		addr_parse_host(text, 4711, &addr),
	    0);
	client_of(&addr, &bits, &client);
	assert_string_equal(prefix_print(&client, printed, sizeof(printed)),
	    expected);
}

/* The one rule for who is counted, limited and denied. */
static void
a_client_is_a_prefix(void **state)
{
	(void)state;
	expect_client("192.0.2.7", 32, 64, "192.0.2.7");
	expect_client("192.0.2.7", 24, 64, "192.0.2.0/24");
	expect_client("::ffff:192.0.2.7", 32, 64, "192.0.2.7");
	expect_client("2001:db8::7", 32, 64, "2001:db8::/64");
	expect_client("2001:db8:1:2ff::7", 32, 56, "2001:db8:1:200::/56");
	expect_client("2001:db8::7", 32, 128, "2001:db8::7");
	expect_client("fe80::7", 32, 64, "fe80::7");
	expect_client("/run/x", 32, 64, "unix");
}

static void
users_are_clients_of_their_own(void **state)
{
	static const char *const wrong[] = { "uid:", "uid:-1", "uid:x", "uid",
		"uid:4294967295", "uid:99999999999999999999", "1000",
		"uid:1 " };
	struct client_bits bits = { 32, 64 };
	struct prefix one, other;
	struct addr a, b;
	char text[ADDR_TEXT];

	(void)state;
	addr_of_user(1000, &a);
	assert_int_equal(addr_parse_user("uid:1000", &b), 0);
	assert_true(addr_equal(&a, &b) && addr_is_user(&a));
	assert_false(addr_is_internet(&a));
	assert_string_equal(addr_print(&a, text, sizeof(text)), "uid:1000");
	client_of(&a, &bits, &one);
	assert_string_equal(prefix_print(&one, text, sizeof(text)), "uid:1000");
	addr_of_user(1001, &b);
	assert_false(addr_same_host(&a, &b));
	client_of(&b, &bits, &other);
	assert_false(prefix_equal(&one, &other));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(addr_parse_user(wrong[i], &a), -1);
}

static void
comparing_looks_at_host_scope_and_port(void **state)
{
	struct addr a, b;

	(void)state;
	addr_parse_host("192.0.2.1", 5, &a);
	addr_parse_host("192.0.2.1", 6, &b);
	assert_int_equal(addr_compare(&a, &b), -1);
	assert_int_equal(addr_compare(&b, &a), 1);
	assert_true(addr_same_host(&a, &b));
	addr_parse_host("192.0.2.2", 1, &b);
	assert_int_equal(addr_compare(&a, &b), -1);
	assert_false(addr_same_host(&a, &b));
	addr_any(AF_INET6, 5, &a);
	assert_true(addr_is_any(&a));
	assert_false(addr_is_any(&b));
}

static void
prefixes_are_parsed_strictly(void **state)
{
	static const struct {
		const char *text, *print;
	} cases[] = {
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "10.1.2.3", "10.1.2.3" },
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "fe80::/10", "fe80::/10" },
		{ "::1", "::1" },
		{ "::ffff:10.0.0.0/104", "10.0.0.0/8" },
		{ "10.0.0.1/8", NULL },
		{ "10.0.0.0/33", NULL },
		{ "::/129", NULL },
		{ "10.0.0.0/", NULL },
		{ "x/8", NULL },
		{ "fe80::1%lo", NULL },
	};
	struct prefix prefix;
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int result = prefix_parse(cases[i].text, &prefix);

		assert_int_equal(result, cases[i].print == NULL ? -1 : 0);
		if (result == 0)
			assert_string_equal(prefix_print(&prefix, buf,
						sizeof(buf)),
			    cases[i].print);
	}
}

static bool
contains(const struct prefix *prefix, const struct addr *addr)
{
	struct prefix other;

	prefix_of(addr, prefix->bits, &other);
	return prefix_equal(prefix, &other);
}

static void
rightmost_zero_octets_are_free(void **state)
{
	struct prefix prefix;
	struct addr addr;

	(void)state;
	assert_int_equal(prefix_parse_octets("10.1.0.0", &prefix), 0);
	assert_int_equal(prefix.bits, 16);
	addr_parse_host("::ffff:10.1.2.3", 0, &addr);
	assert_true(contains(&prefix, &addr));
	addr_parse_host("10.2.2.3", 0, &addr);
	assert_false(contains(&prefix, &addr));
	assert_int_equal(prefix_parse_octets("0.0.0.0", &prefix), 0);
	assert_true(contains(&prefix, &addr));
	assert_int_equal(prefix_parse_octets("::1", &prefix), -1);
}

static void
host_bits_are_cleared_and_told(void **state)
{
	static const struct {
		const char *text, *print;
		bool told;
	} cases[] = {
		{ "10.1.2.3/8", "10.0.0.0/8", true },
		{ "10.0.0.0/8", "10.0.0.0/8", false },
		{ "::ffff:10.1.2.3/104", "10.0.0.0/8", true },
		{ "2001:db8::1/64", "2001:db8::/64", true },
		{ "10.1.2.3/32", "10.1.2.3", false },
		{ "::ffff:10.1.2.3/95", NULL, false },
		{ "10.1.2.3/33", NULL, false },
	};
	struct prefix prefix;
	char buf[64];
	bool told;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int result = prefix_read(cases[i].text, &prefix, &told);

		assert_int_equal(result, cases[i].print == NULL ? -1 : 0);
		if (result != 0)
			continue;
		assert_int_equal(told, cases[i].told);
		assert_string_equal(prefix_print(&prefix, buf, sizeof(buf)),
		    cases[i].print);
	}
}

static void
a_prefix_is_within_a_wider_one_of_its_family(void **state)
{
	static const struct {
		const char *narrow, *wide;
		bool within;
	} cases[] = {
		{ "10.1.0.0/16", "10.0.0.0/8", true },
		{ "10.0.0.0/9", "10.0.0.0/8", true },
		{ "10.128.0.0/9", "10.0.0.0/9", false },
		{ "10.0.0.0/8", "10.0.0.0/8", false },
		{ "10.0.0.0/8", "10.0.0.0/16", false },
		{ "10.1.2.3", "0.0.0.0/0", true },
		{ "10.1.2.3", "::/0", false },
		{ "2001:db8::1", "2001:db8::/63", true },
		{ "2001:db8:0:2::1", "2001:db8::/63", false },
	};
	struct prefix narrow, wide;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		prefix_parse(cases[i].narrow, &narrow);
		prefix_parse(cases[i].wide, &wide);
		if (prefix_within(&narrow, &wide) != cases[i].within)
			fail_msg("%s in %s", cases[i].narrow, cases[i].wide);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_parsed_and_printed),
		cmocka_unit_test(
		    no_address_and_unknown_families_print_as_a_dash),
		cmocka_unit_test(what_is_no_numeric_host_is_refused),
		cmocka_unit_test(ports_are_decimal_and_in_range),
		cmocka_unit_test(unix_paths_fit_or_are_refused),
		cmocka_unit_test(mapped_addresses_become_what_they_stand_for),
		cmocka_unit_test(a_client_is_a_prefix),
		cmocka_unit_test(users_are_clients_of_their_own),
		cmocka_unit_test(comparing_looks_at_host_scope_and_port),
		cmocka_unit_test(prefixes_are_parsed_strictly),
		cmocka_unit_test(rightmost_zero_octets_are_free),
		cmocka_unit_test(host_bits_are_cleared_and_told),
		cmocka_unit_test(a_prefix_is_within_a_wider_one_of_its_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
