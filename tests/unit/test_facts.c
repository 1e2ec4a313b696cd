/* Facts: how they are told to programs, and to people. */
#include "tests/unit/unit.h"

#include "superd/control/fact.h"

/* What is told of an object that has a bit of everything. */

struct thing {
	const char *name, *error;
	char **words;
	bool open;
	unsigned limit, waiting;
	uint64_t taken, lost;
	double age;
	bool whole;
};

static void
each_kind(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct thing *thing = object;

	visit(arg, "taken", &thing->taken);
	visit(arg, "lost", &thing->lost);
}

static void
each_half(const void *object, fact_visit_fn *visit, void *arg)
{
	visit(arg, NULL, object);
	visit(arg, NULL, object);
}

static void
itself_if_whole(const void *object, struct fact_value *value)
{
	const struct thing *thing = object;

	value->object = thing->whole ? thing : NULL;
}

enum { LINE_NAME = 1, LINE_ERROR, LINE_WORDS, LINE_KINDS, LINE_HALVES, LINES };

static const struct fact kind_row[] = { { NULL, FACT_COUNTER, .offset = 0 } };
static const struct facts kind_facts = { kind_row, 1, .bare = true };

static const struct fact half_rows[] = {
	{ "age", FACT_MEMBER(struct thing, age), .line = LINE_HALVES,
	    .before = "half for ", .after = " s" },
};
static const struct facts half_facts = FACTS(half_rows);

static const struct fact whole_rows[] = {
	{ "age", FACT_MEMBER(struct thing, age), .line = LINE_NAME,
	    .before = ", and for ", .after = " s", .whole = true },
};
static const struct facts whole_facts = FACTS(whole_rows);

static const struct fact thing_rows[] = {
	{ "name", FACT_MEMBER(struct thing, name), .line = LINE_NAME,
	    .before = ", a " },
	{ "error", FACT_MEMBER(struct thing, error), .line = LINE_ERROR,
	    .before = "for " },
	{ "limit", FACT_LIMIT, .offset = offsetof(struct thing, limit),
	    .line = LINE_ERROR, .before = ", limit ", .missing = "no" },
	{ "words", FACT_MEMBER(struct thing, words), .line = LINE_WORDS },
	{ "open", FACT_MEMBER(struct thing, open) },
	{ NULL, FACT_MEMBER(struct thing, waiting), .line = LINE_NAME,
	    .before = ", ", .after = " wait", .some = true },
	{ NULL, FACT_NAMED, .each = each_kind, .within = &kind_facts,
	    .line = LINE_KINDS, .before = "by " },
	{ "halves", FACT_LIST, .each = each_half, .within = &half_facts,
	    .line = LINE_HALVES },
	{ "object", FACT_OBJECT, .get = itself_if_whole,
	    .within = &whole_facts },
	{ NULL, FACT_PART, .get = itself_if_whole, .within = &whole_facts },
};
static const struct facts thing_facts = FACTS(thing_rows);

static char *some_words[] = { (char[]){ "a b" }, (char[]){ "" },
	(char[]){ "c d" }, NULL };
static const struct thing full = { .name = "thing",
	.error = "no reason",
	.words = some_words,
	.open = true,
	.limit = 7,
	.waiting = 2,
	.taken = 12345678901,
	.lost = 1,
	.age = 1.26,
	.whole = true };
static const struct thing empty = { .name = NULL };

static void
assert_json(const struct thing *thing, const char *expected)
{
	struct text text = { .bytes = NULL };

	facts_json_line(&text, &thing_facts, thing);
	assert_string_equal(text.bytes, expected);
	text_free(&text);
}

static void
all_kinds_are_told_as_json(void **state)
{
	(void)state;
	assert_json(&full,
	    "{\"name\":\"thing\",\"error\":\"no reason\",\"limit\":7,"
	    "\"words\":[\"a b\",\"\",\"c d\"],\"open\":true,"
	    "\"taken\":12345678901,\"lost\":1,"
	    "\"halves\":[{\"age\":1.260},{\"age\":1.260}],"
	    "\"object\":{\"age\":1.260},\"age\":1.260}\n");
}

static void
what_is_missing_is_null_in_json_and_its_part_is_left_out(void **state)
{
	(void)state;
	assert_json(&empty,
	    "{\"name\":null,\"error\":null,\"limit\":null,"
	    "\"words\":[],\"open\":false,\"taken\":0,\"lost\":0,"
	    "\"halves\":[{\"age\":0.000},{\"age\":0.000}],"
	    "\"object\":null}\n");
}

static void
assert_lines(const struct thing *thing, const char *expected)
{
	static const struct fact_line lines[LINES] = {
		[LINE_ERROR] = { .label = "failed" },
		[LINE_WORDS] = { .label = "words" },
		[LINE_KINDS] = { .label = "counted" },
	};
	struct text text = { .bytes = NULL };

	facts_lines(&text, &thing_facts, thing, lines, LINES);
	assert_string_equal(text.bytes, expected);
	text_free(&text);
}

static void
lines_have_their_labels_and_one_for_each_of_a_list(void **state)
{
	(void)state;
	assert_lines(&full,
	    "a thing, 2 wait, and for 1 s, and for 1 s\n"
	    "  failed     for no reason, limit 7\n"
	    "  words      a b \"\" \"c d\"\n"
	    "  counted    by taken: 12345678901\n"
	    "  counted    by lost: 1\n"
	    "half for 1.3 s\n"
	    "half for 1.3 s\n");
}

static void
what_is_missing_makes_no_line(void **state)
{
	(void)state;
	assert_lines(&empty,
	    "  failed     limit no\n"
	    "half for 0.0 s\n"
	    "half for 0.0 s\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_are_told_as_json),
		cmocka_unit_test(
		    what_is_missing_is_null_in_json_and_its_part_is_left_out),
		cmocka_unit_test(
		    lines_have_their_labels_and_one_for_each_of_a_list),
		cmocka_unit_test(what_is_missing_makes_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
