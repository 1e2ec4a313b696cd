/* Reports: order, format, suggestions. */
#include "tests/unit/unit.h"

#include "conf/report.h"

static void
reports_are_sorted_by_file_line_and_column(void **state)
{
	struct reports reports;
	struct place a = { "b-first", 9, 1 }, b = { "a-second", 1, 1 };

	(void)state;
	reports_init(&reports);
	report_add(&reports, REPORT_WARNING, &a, "nine");
	report_add(&reports, REPORT_SYNTAX, &b, "one");
	a.line = 2;
	report_add(&reports, REPORT_UNSERVABLE, &a, "two %d", 2);
	report_add(&reports, REPORT_WARNING, &a, "two again");
	reports_sort(&reports);
	assert_string_equal(reports.list[0].text, "two 2");
	assert_string_equal(reports.list[1].text, "two again");
	assert_string_equal(reports.list[2].text, "nine");
	assert_string_equal(reports.list[3].text, "one");
	assert_int_equal(reports_at_least(&reports, REPORT_WARNING), 4);
	assert_int_equal(reports_at_least(&reports, REPORT_UNSERVABLE), 2);
	assert_int_equal(reports_at_least(&reports, REPORT_SYNTAX), 1);
	reports_free(&reports);
}

/* Services that share a line of defaults all say the same of it. */
static void
what_services_say_alike_is_one_report_with_their_number(void **state)
{
	struct reports reports;
	struct place defaults = { "f", 2, 9 }, own = { "f", 7, 1 };
	char buf[64];

	(void)state;
	reports_init(&reports);
	for (int i = 0; i < 1000; i++) {
		reports_next_subject(&reports);
		report_add(&reports, REPORT_SYNTAX, &defaults, "bad umask");
		report_add(&reports, REPORT_SYNTAX, &defaults, "bad umask");
		report_add(&reports, REPORT_WARNING, &defaults, "odd user");
		if (i == 0)
			report_add(&reports, REPORT_SYNTAX, &own, "bad");
	}
	reports_sort(&reports);
	assert_int_equal(reports.count, 3);
	assert_string_equal(report_format(&reports.list[0], buf, sizeof(buf)),
	    "f:2:9: error: bad umask (1000 services)");
	assert_string_equal(report_format(&reports.list[1], buf, sizeof(buf)),
	    "f:2:9: warning: odd user (1000 services)");
	assert_string_equal(report_format(&reports.list[2], buf, sizeof(buf)),
	    "f:7:1: error: bad");
	/* sorted again, nothing changes */
	reports_sort(&reports);
	assert_int_equal(reports.list[0].subjects, 1000);
	assert_int_equal(reports_at_least(&reports, REPORT_SYNTAX), 2);
	reports_free(&reports);
}

static void
check_format(unsigned line, unsigned column, const char *text,
    const char *expected)
{
	struct reports reports;
	struct place place = { "f", line, column };
	char buf[64];

	reports_init(&reports);
	report_add(&reports, REPORT_SYNTAX, &place, "%s", text);
	assert_string_equal(report_format(&reports.list[0], buf, sizeof(buf)),
	    expected);
	reports_free(&reports);
}

static void
places_are_printed_as_far_as_they_are_known(void **state)
{
	(void)state;
	check_format(3, 4, "text", "f:3:4: error: text");
	check_format(3, 0, "text", "f:3: error: text");
	check_format(0, 0, "text", "f: error: text");
}

static void
control_characters_are_encoded(void **state)
{
	(void)state;
	check_format(1, 1, "a\nb\033", "f:1:1: error: a\\012b\\033");
}

static void
what_is_no_printable_utf8_is_encoded(void **state)
{
	(void)state;
	check_format(1, 1, "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x87",
	    "f:1:1: error: \xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x87");
	/* C1, Latin-1, overlong, surrogate, too large, cut short */
	check_format(1, 1, "\xc2\x9b", "f:1:1: error: \\302\\233");
	check_format(1, 1, "\xe4x", "f:1:1: error: \\344x");
	check_format(1, 1, "\xc0\xaf", "f:1:1: error: \\300\\257");
	check_format(1, 1, "\xed\xa0\x80", "f:1:1: error: \\355\\240\\200");
	check_format(1, 1, "\xf4\x90\x80\x80",
	    "f:1:1: error: \\364\\220\\200\\200");
	check_format(1, 1, "\xe2\x82", "f:1:1: error: \\342\\202");
	check_format(1, 1, "\xff\x7f", "f:1:1: error: \\377\\177");
}

static void
characters_are_not_cut_in_two(void **state)
{
	struct report report = { .place = { "f", 0, 0 } };
	char text[] = "a\xe2\x82\xac", buf[32];

	(void)state;
	report.text = text;
	for (size_t size = 14; size <= 16; size++)
		assert_string_equal(report_format(&report, buf, size),
		    "f: warning: a");
	assert_string_equal(report_format(&report, buf, 17),
	    "f: warning: a\xe2\x82\xac");
}

static void
long_texts_are_cut_and_terminated(void **state)
{
	char text[200];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	struct report report = { .place = { "f", 1, 1 }, .text = text };
	char buf[20];

	assert_int_equal(strlen(report_format(&report, buf, sizeof(buf))), 19);
}

static void
near_words_are_suggested_and_far_ones_are_not(void **state)
{
	static const char *const words[] = { "stream", "dgram", "raw", NULL };

	(void)state;
	assert_string_equal(report_nearest("strem", words), "stream");
	assert_string_equal(report_nearest("straem", words), "stream");
	assert_string_equal(report_nearest("DGRAM", words), "dgram");
	assert_null(report_nearest("completely", words));
	assert_null(report_nearest("x", words));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_are_sorted_by_file_line_and_column),
		cmocka_unit_test(
		    what_services_say_alike_is_one_report_with_their_number),
		cmocka_unit_test(places_are_printed_as_far_as_they_are_known),
		cmocka_unit_test(control_characters_are_encoded),
		cmocka_unit_test(what_is_no_printable_utf8_is_encoded),
		cmocka_unit_test(characters_are_not_cut_in_two),
		cmocka_unit_test(long_texts_are_cut_and_terminated),
		cmocka_unit_test(near_words_are_suggested_and_far_ones_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
