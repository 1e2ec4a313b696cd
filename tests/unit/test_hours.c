/* Times of the week, and time zones. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "conf/hours.h"
#include "conf/zone.h"

/* Sunday, 2026-11-22 00:00 UTC, and 2026-06-21, in summer. */
#define WINTER ((time_t)1795305600)
#define SUMMER ((time_t)1782000000)
enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
enum { SUN, MON, TUE, WED, THU, FRI, SAT };

static bool
allowed(const char *range, time_t time)
{
	struct hours hours;
	const char *zone;
	bool yes;

	assert_int_equal(hours_parse(range, &hours, &zone), 0);
	yes = hours_allow(&hours, 1, time);
	free(hours.zone);
	return yes;
}

static void
parses_not(const char *range)
{
	struct hours hours;
	const char *zone;

	if (hours_parse(range, &hours, &zone) == 0 || zone != NULL)
		fail_msg("%s: is a range", range);
}

static void
prints(const char *range, const char *expected)
{
	struct hours hours;
	const char *zone;
	char buf[HOURS_TEXT];

	assert_int_equal(hours_parse(range, &hours, &zone), 0);
	assert_string_equal(hours_print(&hours, buf, sizeof(buf)), expected);
	free(hours.zone);
	assert_int_equal(hours_parse(buf, &hours, &zone), 0);
	free(hours.zone);
}

static void
both_ends_are_in_and_midnight_is_crossed(void **state)
{
	(void)state;
	assert_true(allowed("8:00-17:30", WINTER + 8 * HOUR));
	assert_true(allowed("8:00-17:30", WINTER + 17 * HOUR + 30 * MINUTE));
	assert_false(allowed("8:00-17:30", WINTER + 17 * HOUR + 31 * MINUTE));
	assert_false(allowed("8:00-17:30", WINTER + 8 * HOUR - 1));
	assert_true(allowed("22:00-6:00", WINTER + 23 * HOUR));
	assert_true(allowed("22:00-6:00", WINTER));
	assert_false(allowed("22:00-6:00", WINTER + 12 * HOUR));
	assert_true(allowed("0:00-24:00", WINTER + DAY - 1));
	assert_true(hours_allow(NULL, 0, 0));
}

static void
days_are_those_of_the_beginning(void **state)
{
	(void)state;
	assert_false(allowed("Mon-Fri 8:00-9:00", WINTER + 8 * HOUR));
	assert_true(allowed("Mon-Fri 8:00-9:00", WINTER + DAY + 8 * HOUR));
	assert_true(allowed("mon-fri 8:00-9:00", WINTER + 5 * DAY + 8 * HOUR));
	assert_false(allowed("Mon-Fri 8:00-9:00", WINTER + 6 * DAY + 8 * HOUR));
	assert_true(allowed("Fri-Mon 8:00-9:00", WINTER + 8 * HOUR));
	assert_false(allowed("Fri-Mon 8:00-9:00", WINTER + 2 * DAY + 8 * HOUR));
	assert_true(allowed("Sat 22:00-6:00", WINTER + 6 * HOUR));
	assert_false(allowed("Sun 22:00-6:00", WINTER + 6 * HOUR));
	assert_true(allowed("Sun 22:00-6:00", WINTER + 22 * HOUR));
	assert_true(allowed("Sun 22:00-6:00", WINTER + DAY + HOUR));
	assert_false(allowed("Sun 22:00-6:00", WINTER + DAY + 22 * HOUR));
}

static void
zones_are_followed_through_the_year(void **state)
{
	struct zone *zone = zone_load("Europe/Amsterdam");

	(void)state;
	if (zone == NULL)
		skip();
	free(zone);
	assert_false(allowed("8:00-8:59 Europe/Amsterdam", WINTER + 8 * HOUR));
	assert_true(allowed("8:00-8:59 Europe/Amsterdam", WINTER + 7 * HOUR));
	assert_true(allowed("8:00-8:59 Europe/Amsterdam", SUMMER + 6 * HOUR));
	assert_true(allowed("Sun 0:00-1:00 Asia/Tokyo", WINTER - 9 * HOUR));
	assert_true(allowed("8:00-8:59 UTC", WINTER + 8 * HOUR));
}

/* Asked every six hours of eighty years, the list says what the library
 * says. */
static void
a_zone_has_all_changes_to_the_second(void **state)
{
	static const char *const names[] = { "Europe/Amsterdam",
		"America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
		"Asia/Kolkata", "UTC" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zone *zone = zone_load(names[i]);

		if (zone == NULL)
			continue;
		setenv("TZ", names[i], 1);
		tzset();
		for (time_t at = 1577836800; at < 4102444800; at += DAY / 4)
			if (zone_offset(zone, at) != zone_offset(NULL, at))
				fail_msg("%s at %jd: %jd", names[i],
				    (intmax_t)at,
				    (intmax_t)zone_offset(zone, at));
		for (size_t j = 1; j < zone->count; j++)
			assert_int_not_equal(zone_offset(NULL,
						 zone->changes[j].at - 1),
			    zone->changes[j].offset);
		setenv("TZ", "UTC", 1);
		tzset();
		free(zone);
	}
}

static void
names_outside_the_folder_are_not_zones(void **state)
{
	static const char *const bad[] = { "8:00-9:00 Europe/Nowhere",
		"8:00-9:00 ../zoneinfo/UTC", "8:00-9:00 /etc/localtime",
		"8:00-9:00 Europe/", "8:00-9:00 a b", "8:00-9:00 Europe",
		"8:00-9:00 leapseconds" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hours hours;
		const char *zone;

		assert_int_equal(hours_parse(bad[i], &hours, &zone), -1);
		assert_string_equal(zone, bad[i] + 10);
		assert_null(hours.zone);
	}
	assert_string_equal(getenv("TZ"), "UTC");
}

static void
other_texts_are_no_ranges(void **state)
{
	static const char *const bad[] = { "", "8:005-9:00", "8:00-24:01",
		"24:00-24:00", "8:00", "8:60-9:00", "8:00-9:00x", "Mon",
		"Mon 8:00", "Mon-8:00-9:00", "Mon,8:00-9:00", "Mon8:00-9:00",
		"Mon- 8:00-9:00", "Mon, Tue 8:00-9:00", "Monday 8:00-9:00",
		" 8:00-9:00", "Mo 8:00-9:00" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		parses_not(bad[i]);
}

static void
ranges_are_printed_in_one_way(void **state)
{
	(void)state;
	prints("8:00-9:5", "08:00-09:05");
	prints("mon,tue,wed,thu,fri  8:00-9:00", "Mon-Fri 08:00-09:00");
	prints("Sun,Sat 8:00-9:00", "Sat-Sun 08:00-09:00");
	prints("Mon,Wed,Fri-Sat 8:00-9:00", "Mon,Wed,Fri-Sat 08:00-09:00");
	prints("Mon-Sun 8:00-9:00", "08:00-09:00");
	prints("8:00-9:00\tUTC", "08:00-09:00 UTC");
}

static void
a_time_of_a_day_is_today_or_the_next(void **state)
{
	time_t now = WINTER + 3 * DAY + 12 * HOUR; /* Wednesday */
	char buf[HOURS_TEXT];

	(void)state;
	assert_int_equal(hours_time("8:00", now), WINTER + 3 * DAY + 8 * HOUR);
	assert_int_equal(hours_time("wed,8:00", now),
	    WINTER + 3 * DAY + 8 * HOUR);
	assert_int_equal(hours_time("Tue,8:05", now),
	    WINTER + 9 * DAY + 8 * HOUR + 5 * MINUTE);
	assert_int_equal(hours_time("noon", now), -1);
	assert_int_equal(hours_time("24:00", now), -1);
	assert_int_equal(hours_time("Mon", now), -1);
	assert_int_equal(hours_time("8:00,Mon", now), -1);
	assert_string_equal(hours_print_time(now, true, buf, sizeof(buf)),
	    "Wed 12:00");
	assert_string_equal(hours_print_time(now, false, buf, sizeof(buf)),
	    "12:00");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_are_in_and_midnight_is_crossed),
		cmocka_unit_test(days_are_those_of_the_beginning),
		cmocka_unit_test(zones_are_followed_through_the_year),
		cmocka_unit_test(a_zone_has_all_changes_to_the_second),
		cmocka_unit_test(names_outside_the_folder_are_not_zones),
		cmocka_unit_test(other_texts_are_no_ranges),
		cmocka_unit_test(ranges_are_printed_in_one_way),
		cmocka_unit_test(a_time_of_a_day_is_today_or_the_next),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
