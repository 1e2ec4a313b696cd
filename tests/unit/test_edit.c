/* Edits of configuration texts. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "conf/edit.h"
#include "conf/xalloc.h"

static struct edited edited;

static struct place
start(const char *text, unsigned line, unsigned column)
{
	edited.text = xstrdup(text);
	edited.length = strlen(text);
	return (struct place){ "f", line, column };
}

/* The text is this now; it is freed. */
static void
is_now(const char *expected)
{
	assert_string_equal(edited.text, expected);
	assert_int_equal(edited.length, strlen(expected));
	free(edited.text);
}

static void
words_are_replaced_with_their_quotes(void **state)
{
	struct place place = start("a = no # no\n", 1, 5);

	(void)state;
	assert_true(edit_word(&edited, &place, "yes"));
	is_now("a = yes # no\n");
	place = start("x\na=\"no\"}", 2, 3);
	assert_true(edit_word(&edited, &place, "yes"));
	is_now("x\na=yes}");
	place = start("a = 'no", 1, 5);
	assert_false(edit_word(&edited, &place, "yes"));
	is_now("a = 'no");
}

static void
places_outside_are_nowhere(void **state)
{
	static const struct place bad[] = { { "f", 0, 1 }, { "f", 3, 1 },
		{ "f", 1, 5 }, { "f", 2, 9 } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start("a b\n{", 1, 1);
		assert_false(edit_word(&edited, &bad[i], "x"));
		is_now("a b\n{");
	}
	start("a\n", 1, 1);
	assert_false(edit_line(&edited, 0, "#"));
	assert_false(edit_line(&edited, 2, "#"));
	assert_false(edit_line(&edited, 3, "#"));
	is_now("a\n");
}

static void
sections_get_a_line_behind_their_brace(void **state)
{
	static const struct {
		const char *text, *then;
	} cases[] = {
		{ "service a {\n  b = 1\n}", "service a {\n  x\n  b = 1\n}" },
		{ "service a {\n}\n", "service a {\n\tx\n}\n" },
		{ "service a\n{\r\n\t\tb\r\n}",
		    "service a\n{\r\n\t\tx\r\n\t\tb\r\n}" },
		{ "service a { b = 1 }", "service a { x b = 1 }" },
		{ "service \"{\" { b }", "service \"{\" { x b }" },
		{ "service '\\'{' { b }", "service '\\'{' { x b }" },
		{ "service a /* { */ { b }", "service a /* { */ { x b }" },
		{ "service a // {\n{ b }", "service a // {\n{ x b }" },
		{ "service a # {\n{ # c\nb }",
		    "service a # {\n{ # c\n\tx\nb }" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct place place = start(cases[i].text, 1, 1);

		assert_true(edit_section(&edited, &place, "x"));
		is_now(cases[i].then);
	}
}

static void
sections_without_a_brace_are_left(void **state)
{
	static const char *const bad[] = { "service a", "service \"{",
		"service a /* {", "service # {", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct place place = start(bad[i], 1, 1);

		assert_false(edit_section(&edited, &place, "x"));
		is_now(bad[i]);
	}
}

static void
settings_are_found_in_their_section(void **state)
{
	static const char text[] = "service a\n{\n\tid = disable = x\n"
				   "\tdisabled = 1\n\tdisable\t= no\r\n}\n"
				   "service b\n{\n\tdisable =no\n}\n";
	struct place place = start(text, 1, 1);

	(void)state;
	assert_true(edit_setting(&edited, &place, "disable", "yes"));
	is_now("service a\n{\n\tid = disable = x\n\tdisabled = 1\n"
	       "\tdisable\t= yes\r\n}\nservice b\n{\n\tdisable =no\n}\n");
	place = start(text, 7, 1);
	assert_true(edit_setting(&edited, &place, "disable", "yes"));
	assert_non_null(strstr(edited.text, "\tdisable =yes\n}\n"));
	free(edited.text);
	place = start("service a\n{\n}\nservice b\n{\ndisable = no\n}", 1, 1);
	assert_false(edit_setting(&edited, &place, "disable", "yes"));
	free(edited.text);
	place = start("service a\n{\ndisable =\n", 1, 1);
	assert_false(edit_setting(&edited, &place, "disable", "yes"));
	free(edited.text);
}

static void
lines_get_a_mark_and_lose_it(void **state)
{
	(void)state;
	start("a\nb\n", 1, 1);
	assert_true(edit_line(&edited, 2, EDIT_OFF_MARK));
	assert_string_equal(edited.text, "a\n#<off># b\n");
	assert_false(edit_line_without(&edited, 1, EDIT_OFF_MARK));
	assert_true(edit_line_without(&edited, 2, EDIT_OFF_MARK));
	is_now("a\nb\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_replaced_with_their_quotes),
		cmocka_unit_test(places_outside_are_nowhere),
		cmocka_unit_test(sections_get_a_line_behind_their_brace),
		cmocka_unit_test(sections_without_a_brace_are_left),
		cmocka_unit_test(settings_are_found_in_their_section),
		cmocka_unit_test(lines_get_a_mark_and_lose_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
