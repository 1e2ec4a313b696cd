/* Buckets and the table of sources, with a clock of our own. */
#include "tests/unit/unit.h"

#include "superd/bucket.h"
#include "superd/sources.h"

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
	assert_int_equal(take_all(&bucket, &rate, now + (int64_t)5000 * SECOND), 60);
	assert_true(bucket_is_full(&bucket, now + (int64_t)6000 * SECOND));
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

	snprintf(text, sizeof(text), "10.%u.%u.%u", n >> 16 & 255,
	    n >> 8 & 255, n & 255);
	assert_int_equal(addr_parse_host(text, (uint16_t)(n % 65535),
	    &addr), 0);
	return addr;
}

static void
sources_are_found_by_owner_and_host_whatever_the_port(void **state)
{
	struct sources *sources = sources_new(100);
	struct addr a = numbered(1), b, mapped;
	int owner;

	(void)state;
	sources_get(sources, &owner, &a)->children = 5;
	b = a;
	addr_set_port(&b, 9999);
	assert_int_equal(sources_get(sources, &owner, &b)->children, 5);
	assert_null(sources_find(sources, NULL, &a));
	addr_parse_host("::ffff:10.0.0.1", 3, &mapped);
	assert_int_equal(sources_get(sources, &owner, &mapped)->children, 5);
	assert_int_equal(sources_count(sources), 1);
	sources_free(sources);
}

static void
the_table_is_bounded_and_keeps_those_with_children(void **state)
{
	struct sources *sources = sources_new(64);
	struct addr held = numbered(0xffffff);
	int owner;

	(void)state;
	sources_get(sources, &owner, &held)->children = 1;
	for (unsigned n = 0; n < 100000; n++) {
		struct addr addr = numbered(n);

		assert_non_null(sources_get(sources, &owner, &addr));
		assert_true(sources_count(sources) <= 64);
	}
	assert_int_equal(sources_find(sources, &owner, &held)->children, 1);
	sources_drop_owner(sources, &owner);
	assert_int_equal(sources_count(sources), 0);
	sources_free(sources);
}

static void
a_table_full_of_children_takes_no_more(void **state)
{
	struct sources *sources = sources_new(8);
	struct addr addr;

	(void)state;
	for (unsigned n = 0; n < 8; n++) {
		addr = numbered(n);
		sources_get(sources, NULL, &addr)->children = 1;
	}
	addr = numbered(8);
	assert_null(sources_get(sources, NULL, &addr));
	sources_free(sources);
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
	int64_t last = 0;

	(void)state;
	assert_true(once_a_minute(&last, 5));
	assert_false(once_a_minute(&last, 60000004));
	assert_true(once_a_minute(&last, 60000005));
	assert_false(once_a_minute(&last, 60000006));
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
		cmocka_unit_test(over_a_long_time_the_rate_holds),
		cmocka_unit_test(no_limit_is_no_limit),
		cmocka_unit_test(a_shorter_period_after_a_reload_is_kept),
		cmocka_unit_test(
		    sources_are_found_by_owner_and_host_whatever_the_port),
		cmocka_unit_test(
		    the_table_is_bounded_and_keeps_those_with_children),
		cmocka_unit_test(a_table_full_of_children_takes_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
