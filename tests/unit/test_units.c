/* Numbers with units. */
#include "tests/unit/unit.h"

#include <sys/resource.h>
#include <syslog.h>

#include "conf/units.h"

static void
numbers_are_decimal_and_in_range(void **state)
{
	unsigned long long value;

	(void)state;
	assert_int_equal(parse_number("10", 0, 10, &value), 0);
	assert_int_equal(value, 10);
	assert_int_equal(parse_number("11", 0, 10, &value), -1);
	assert_int_equal(parse_number("1", 2, 10, &value), -1);
	assert_int_equal(parse_number("99999999999999999999", 0, 10, &value),
	    -1);
	assert_int_equal(parse_number("", 0, 10, &value), -1);
	assert_int_equal(parse_number("-1", 0, 10, &value), -1);
	assert_int_equal(parse_number("+1", 0, 10, &value), -1);
	assert_int_equal(parse_number(" 1", 0, 10, &value), -1);
	assert_int_equal(parse_number("1x", 0, 10, &value), -1);
}

static void
sizes_have_binary_units(void **state)
{
	uint64_t size;

	(void)state;
	assert_int_equal(parse_size("16k", &size), 0);
	assert_int_equal(size, 16384);
	assert_int_equal(parse_size("3M", &size), 0);
	assert_int_equal(size, 3 << 20);
	assert_int_equal(parse_size("1g", &size), 0);
	assert_int_equal(size, 1 << 30);
	assert_int_equal(parse_size("7", &size), 0);
	assert_int_equal(size, 7);
	assert_int_equal(parse_size("1t", &size), -1);
	assert_int_equal(parse_size("k", &size), -1);
	assert_int_equal(parse_size("1kk", &size), -1);
	assert_int_equal(parse_size("18446744073709551615k", &size), -1);
}

static void
durations_are_sums_of_units(void **state)
{
	unsigned seconds;

	(void)state;
	assert_int_equal(parse_duration("90", &seconds), 0);
	assert_int_equal(seconds, 90);
	assert_int_equal(parse_duration("1h30m", &seconds), 0);
	assert_int_equal(seconds, 5400);
	assert_int_equal(parse_duration("2d", &seconds), 0);
	assert_int_equal(seconds, 172800);
	assert_int_equal(parse_duration("", &seconds), -1);
	assert_int_equal(parse_duration("1x", &seconds), -1);
	assert_int_equal(parse_duration("1h30", &seconds), 0);
	assert_int_equal(parse_duration("999999999d", &seconds), -1);
	assert_int_equal(parse_duration("49710d49710d", &seconds), -1);
}

static void
words_of_syslog_and_limits_are_known(void **state)
{
	int value;
	bool yes;
	unsigned mode;

	(void)state;
	assert_int_equal(parse_facility("local7", &value), 0);
	assert_int_equal(value, LOG_LOCAL7);
	assert_string_equal(facility_name(LOG_DAEMON), "daemon");
	assert_int_equal(parse_facility("nothing", &value), -1);
	assert_int_equal(parse_level("info", &value), 0);
	assert_string_equal(level_name(LOG_ERR), "err");
	assert_int_equal(parse_resource("files", &value), 0);
	assert_int_equal(value, RLIMIT_NOFILE);
	assert_string_equal(resource_name(RLIMIT_NOFILE), "nofile");
	assert_int_equal(parse_bool("Yes", &yes), 0);
	assert_true(yes);
	assert_int_equal(parse_bool("maybe", &yes), -1);
	assert_int_equal(parse_octal("0640", &mode), 0);
	assert_int_equal(mode, 0640);
	assert_int_equal(parse_octal("0888", &mode), -1);
	assert_int_equal(parse_octal("17777", &mode), -1);
}

static void
a_prefix_has_a_length_for_each_family(void **state)
{
	static const char *const bad[] = { "", "32", "/64", "32/", "0/64",
		"33/64", "32/0", "32/129", "32/64/", "32/64x", "a/b", "32 /64",
		"-1/64", "99999999999999999999/64" };
	struct client_bits bits;

	(void)state;
	assert_int_equal(parse_client_bits("24/56", &bits), 0);
	assert_int_equal(bits.v4, 24);
	assert_int_equal(bits.v6, 56);
	assert_int_equal(parse_client_bits("32/128", &bits), 0);
	assert_int_equal(parse_client_bits("1/1", &bits), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse_client_bits(bad[i], &bits), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_has_a_length_for_each_family),
		cmocka_unit_test(numbers_are_decimal_and_in_range),
		cmocka_unit_test(sizes_have_binary_units),
		cmocka_unit_test(durations_are_sums_of_units),
		cmocka_unit_test(words_of_syslog_and_limits_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
