/* A stream of bytes, however it comes, as lines. */
#include "tests/unit/unit.h"

#include "superd/base/linebuf.h"

static char seen[8192];

static void
collect(void *arg, const char *text, size_t length, bool cut)
{
	size_t used = strlen(seen);

	(void)arg;
	snprintf(seen + used, sizeof(seen) - used, "[%.*s%s]", (int)length,
	    text, cut ? "+" : "");
}

static void
feed(struct linebuf *lines, const char *text)
{
	linebuf_feed(lines, text, strlen(text), collect, NULL);
}

static void
expect(struct linebuf *lines, const char *text)
{
	linebuf_flush(lines, collect, NULL);
	assert_string_equal(seen, text);
	seen[0] = '\0';
	assert_false(linebuf_pending(lines));
}

static void
lines_end_with_lf_or_cr_lf(void **state)
{
	struct linebuf lines = { .used = 0 };

	(void)state;
	feed(&lines, "one\ntwo\r\nthr\ree\n");
	assert_false(linebuf_pending(&lines));
	expect(&lines, "[one][two][thr\ree]");
}

static void
lines_may_come_in_pieces(void **state)
{
	static const char text[] = "one\ntwo\r\n\n\r\nthree\nlast";
	struct linebuf lines = { .used = 0 };

	(void)state;
	for (size_t size = 1; size < sizeof(text); size++) {
		for (size_t at = 0; at < sizeof(text) - 1; at += size)
			linebuf_feed(&lines, text + at,
			    sizeof(text) - 1 - at < size ?
				sizeof(text) - 1 - at :
				size,
			    collect, NULL);
		assert_true(linebuf_pending(&lines));
		expect(&lines, "[one][two][three][last]");
	}
}

static void
empty_lines_are_none(void **state)
{
	struct linebuf lines = { .used = 0 };

	(void)state;
	feed(&lines, "\n\n\r\n\n");
	expect(&lines, "");
}

static void
bytes_of_any_value_pass(void **state)
{
	struct linebuf lines = { .used = 0 };

	(void)state;
	linebuf_feed(&lines, "a\0b\xff\n", 5, collect, NULL);
	assert_string_equal(seen, "[a]"); /* printf's end, not ours */
	seen[0] = '\0';
	assert_false(linebuf_pending(&lines));
}

static void
long_lines_are_cut_and_the_next_one_is_whole(void **state)
{
	struct linebuf lines = { .used = 0 };
	char text[3 * LINES_LENGTH];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t length = LINES_LENGTH - 1; length <= LINES_LENGTH + 1;
	     length++) {
		linebuf_feed(&lines, text, length, collect, NULL);
		feed(&lines, "\nnext\n");
		assert_int_equal(strlen(seen),
		    2 + (length < LINES_LENGTH ? length : LINES_LENGTH) +
			(length > LINES_LENGTH) + strlen("[next]"));
		assert_non_null(strstr(seen, "][next]"));
		assert_int_equal(strchr(seen, '+') != NULL,
		    length > LINES_LENGTH);
		seen[0] = '\0';
	}
	linebuf_feed(&lines, text, sizeof(text), collect, NULL);
	linebuf_feed(&lines, text, sizeof(text), collect, NULL);
	assert_string_equal(seen, "");
	feed(&lines, "\nnext\n");
	assert_non_null(strstr(seen, "+][next]"));
	seen[0] = '\0';
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_with_lf_or_cr_lf),
		cmocka_unit_test(lines_may_come_in_pieces),
		cmocka_unit_test(empty_lines_are_none),
		cmocka_unit_test(bytes_of_any_value_pass),
		cmocka_unit_test(long_lines_are_cut_and_the_next_one_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
