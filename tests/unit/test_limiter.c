/* Buckets and the table of sources, with a clock of our own. */
#include "tests/unit/unit.h"

#include <limits.h>

#include "superd/base/backoff.h"
#include "superd/base/limiter.h"
#include "superd/running/sources.h"

enum { SECOND = 1000000 };

/* How many tokens can be had at this moment? */
static unsigned
take_all(struct bucket *bucket, const struct rate *rate, int64_t now)
{
	unsigned n = 0;

	while (bucket_wait(bucket, rate, now) == 0 && n < 1000) {
		bucket_take(bucket, rate, now);
		n++;
	}
	return n;
}

static void
a_full_bucket_holds_its_count(void **state)
{
	struct rate rate = { 3, 60 };
	struct bucket bucket = { 0 };

	(void)state;
	assert_int_equal(take_all(&bucket, &rate, 100 * SECOND), 3);
	assert_int_equal(bucket_wait(&bucket, &rate, 100 * SECOND),
	    20 * SECOND);
}

static void
it_refills_evenly_and_never_above_its_count(void **state)
{
	struct rate rate = { 60, 60 };
	struct bucket bucket = { 0 };
	int64_t now = (int64_t)1000 * SECOND;

	(void)state;
	assert_int_equal(take_all(&bucket, &rate, now), 60);
	assert_int_equal(take_all(&bucket, &rate, now + SECOND), 1);
	assert_int_equal(take_all(&bucket, &rate, now + 11 * SECOND), 10);
	assert_int_equal(take_all(&bucket, &rate, now + (int64_t)5000 * SECOND),
	    60);
	assert_int_equal(take_all(&bucket, &rate, now + (int64_t)6000 * SECOND),
	    60);
}

static void
a_token_is_granted_where_there_is_none(void **state)
{
	struct rate rate = { 3, 60 };
	struct bucket bucket = { 0 };

	(void)state;
	bucket_grant(&bucket, &rate, 100 * SECOND);
	assert_int_equal(take_all(&bucket, &rate, 100 * SECOND), 3);
	bucket_grant(&bucket, &rate, 101 * SECOND);
	bucket_grant(&bucket, &rate, 101 * SECOND);
	assert_int_equal(take_all(&bucket, &rate, 101 * SECOND), 1);
	assert_int_equal(bucket_wait(&bucket, &rate, 101 * SECOND),
	    20 * SECOND);
}

static void
over_a_long_time_the_rate_holds(void **state)
{
	struct rate rate = { 7, 3 };
	struct bucket bucket = { 0 };
	unsigned n = 0;

	(void)state;
	for (int64_t now = 0; now < 300 * SECOND; now += 1000)
		n += take_all(&bucket, &rate, now);
	assert_in_range(n, 7 * 100, 7 * 100 + 8);
}

static void
no_limit_is_no_limit(void **state)
{
	static const struct rate rates[] = { { LIMIT_NONE, 60 },
		{ LIMIT_UNSET, 60 }, { 5, 0 } };
	struct bucket bucket = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(take_all(&bucket, &rates[i], 1), 1000);
}

static void
a_shorter_period_after_a_reload_is_kept(void **state)
{
	struct rate slow = { 1, 3600 }, quick = { 1, 1 };
	struct bucket bucket = { 0 };

	(void)state;
	bucket_take(&bucket, &slow, 0);
	assert_int_equal(bucket_wait(&bucket, &slow, 0),
	    (int64_t)3600 * SECOND);
	assert_true(bucket_wait(&bucket, &quick, 0) <= SECOND);
}

static struct addr
numbered(unsigned n)
{
	struct addr addr;
	char text[32];

	snprintf(text, sizeof(text), "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255,
	    n & 255);
	assert_int_equal(addr_parse_host(text, (uint16_t)(n % 65535), &addr),
	    0);
	return addr;
}

static struct source_entry *
source_of(struct sources *sources, const void *owner, const struct addr *addr)
{
	static const struct client_bits usual = { CLIENT_BITS_V4,
		CLIENT_BITS_V6 };
	struct prefix client;

	client_of(addr, &usual, &client);
	return sources_get(sources, owner, &client);
}

static void
sources_are_found_by_owner_and_client_whatever_the_port(void **state)
{
	struct sources *sources = sources_new(100);
	struct addr a = numbered(1), b, mapped;
	struct source_entry *entry;
	int owner;

	(void)state;
	entry = source_of(sources, &owner, &a);
	b = a;
	addr_set_port(&b, 9999);
	assert_ptr_equal(source_of(sources, &owner, &b), entry);
	addr_parse_host("::ffff:10.0.0.1", 3, &mapped);
	assert_ptr_equal(source_of(sources, &owner, &mapped), entry);
	assert_int_equal(sources_count(sources), 1);
	assert_ptr_not_equal(source_of(sources, NULL, &a), entry);
	assert_int_equal(sources_count(sources), 2);
	sources_drop_owner(sources, &owner);
	assert_int_equal(sources_count(sources), 1);
	sources_free(sources);
}

/* A flood drives nobody out who has children, and those fill no table. */
static void
the_table_is_bounded_but_for_those_with_children(void **state)
{
	struct sources *sources = sources_new(64);
	struct addr addr;
	struct source_entry *held[100];
	int owner;

	(void)state;
	for (unsigned n = 0; n < 100; n++) {
		addr = numbered(0xffff00 + n);
		held[n] = source_of(sources, &owner, &addr);
		sources_take(sources, held[n]);
	}
	for (unsigned n = 0; n < 100000; n++) {
		addr = numbered(n);
		assert_non_null(source_of(sources, &owner, &addr));
		assert_true(sources_count(sources) <= 100 + 64);
	}
	for (unsigned n = 0; n < 100; n++) {
		addr = numbered(0xffff00 + n);
		assert_ptr_equal(source_of(sources, &owner, &addr), held[n]);
		assert_int_equal(held[n]->children, 1);
		sources_give_back(sources, held[n]);
	}
	for (unsigned n = 0; n < 100; n++) {
		addr = numbered(n);
		source_of(sources, &owner, &addr);
	}
	assert_true(sources_count(sources) <= 100);
	sources_drop_owner(sources, &owner);
	assert_int_equal(sources_count(sources), 0);
	sources_free(sources);
}

/* Who chooses addresses for their places in the table gains nothing by it. */

static unsigned long comparisons;

int __real_prefix_compare(const struct prefix *, const struct prefix *);
int __wrap_prefix_compare(const struct prefix *, const struct prefix *);

int
__wrap_prefix_compare(const struct prefix *a, const struct prefix *b)
{
	comparisons++;
	return __real_prefix_compare(a, b);
}

/* FNV-1a over address, port and scope, which the table was built upon. */
static uint32_t
known_hash(const struct addr *addr)
{
	const uint8_t *bytes = (const uint8_t *)&addr->u.in.sin_addr;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < 4; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash * 16777619u * 16777619u;
}

static bool
falls_into_one_chain(const struct addr *addr)
{
	uint64_t hash = known_hash(addr) * (uint64_t)0x9e3779b97f4a7c15u;

	return ((hash >> 32) & 2047) == 1234;
}

static unsigned long
comparisons_for(unsigned count, bool chosen)
{
	struct sources *sources = sources_new(SOURCES_MAX);
	struct addr addr;
	unsigned n = 0;

	comparisons = 0;
	addr_parse_host("10.0.0.0", 0, &addr);
	while (sources_count(sources) < count) {
		addr.u.in.sin_addr.s_addr = htonl((10u << 24) + n);
		n += chosen ? 1 : 7919;
		if (!chosen || falls_into_one_chain(&addr))
			source_of(sources, NULL, &addr);
	}
	sources_free(sources);
	return comparisons;
}

static void
chosen_addresses_cost_no_more_than_others(void **state)
{
	unsigned long others = comparisons_for(4096, false);

	(void)state;
	assert_in_range(others, 4096, 4096 * 2 * 24);
	assert_true(comparisons_for(4096, true) < 2 * others);
}

static void
a_token_is_tried_for_and_taken_once(void **state)
{
	static const struct rate rate = { 2, 1 };
	struct bucket bucket = { 0 };

	(void)state;
	assert_true(bucket_try(&bucket, &rate, 0));
	assert_true(bucket_try(&bucket, &rate, 0));
	assert_false(bucket_try(&bucket, &rate, 0));
	assert_false(bucket_try(&bucket, &rate, 499999));
	assert_true(bucket_try(&bucket, &rate, 500000));
}

static void
what_is_said_once_a_minute_is_said_at_once(void **state)
{
	struct limiter limiter = { 0 };

	(void)state;
	assert_true(limiter_try(&limiter, &once_a_minute, 5));
	assert_false(limiter_try(&limiter, &once_a_minute, 60000004));
	assert_true(limiter_try(&limiter, &once_a_minute, 60000005));
	assert_false(limiter_try(&limiter, &once_a_minute, 60000006));
}

static void
what_was_left_out_is_told_once(void **state)
{
	const struct rate rate = { 2, 10 };
	struct limiter limiter = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		limiter_try(&limiter, &rate, SECOND);
	assert_int_equal(limiter_told(&limiter), 3);
	assert_int_equal(limiter_told(&limiter), 0);
	assert_false(limiter_try(&limiter, &rate, 2 * SECOND));
	assert_true(limiter_try(&limiter, &rate, 7 * SECOND));
	assert_int_equal(limiter_told(&limiter), 1);
}

static void
each_try_is_waited_for_twice_as_long_up_to_a_bound(void **state)
{
	(void)state;
	assert_int_equal(backoff(0, 5, 60), 5);
	assert_int_equal(backoff(1, 5, 60), 10);
	assert_int_equal(backoff(3, 5, 60), 40);
	assert_int_equal(backoff(4, 5, 60), 60);
	assert_int_equal(backoff(UINT_MAX, 5, 60), 60);
	assert_int_equal(backoff(UINT_MAX, 1, INT64_MAX / 2), INT64_MAX / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_bucket_holds_its_count),
		cmocka_unit_test(it_refills_evenly_and_never_above_its_count),
		cmocka_unit_test(a_token_is_granted_where_there_is_none),
		cmocka_unit_test(a_token_is_tried_for_and_taken_once),
		cmocka_unit_test(what_is_said_once_a_minute_is_said_at_once),
		cmocka_unit_test(what_was_left_out_is_told_once),
		cmocka_unit_test(
		    each_try_is_waited_for_twice_as_long_up_to_a_bound),
		cmocka_unit_test(over_a_long_time_the_rate_holds),
		cmocka_unit_test(no_limit_is_no_limit),
		cmocka_unit_test(a_shorter_period_after_a_reload_is_kept),
		cmocka_unit_test(
		    sources_are_found_by_owner_and_client_whatever_the_port),
		cmocka_unit_test(
		    the_table_is_bounded_but_for_those_with_children),
		cmocka_unit_test(chosen_addresses_cost_no_more_than_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
