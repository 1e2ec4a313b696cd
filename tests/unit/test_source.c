/* Whole texts: NUL, BOM, comments, braces, includes. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "conf/source.h"
#include "conf/superd_scan.h"

/* What is left of a text without its comments, and the first report. */
static void
scan(const char *text, char *out, size_t size, char *error, size_t error_size)
{
	struct reports reports;
	struct source source;
	struct shape shape;

	reports_init(&reports);
	assert_int_equal(source_memory(&source, "f", text, strlen(text),
			     &reports),
	    0);
	superd_scan(&shape, &source, "f", &reports);
	snprintf(out, size, "%s", source.text);
	error[0] = '\0';
	reports_sort(&reports);
	if (reports.count > 0)
		report_format(&reports.list[0], error, error_size);
	superd_scan_free(&shape);
	source_free(&source);
	reports_free(&reports);
}

static void
comments_become_blanks_of_the_same_shape(void **state)
{
	char out[128], error[128];

	(void)state;
	scan("a = 1# b\nc = 2 // d\ne /* f\ng */ = h//\n#*\ni = 3\n", out,
	    sizeof(out), error, sizeof(error));
	assert_string_equal(error, "");
	assert_string_equal(out,
	    "a = 1   \nc = 2     \ne     \n     = h  \n  \ni = 3\n");
}

static void
quoted_text_is_no_comment(void **state)
{
	char out[128], error[128];
	const char *text = "x = \"a # b // c \\\" d\" y = 'e # f'\n";

	(void)state;
	scan(text, out, sizeof(out), error, sizeof(error));
	assert_string_equal(error, "");
	assert_string_equal(out, text);
}

static void
what_is_never_closed_is_reported_where_it_was_opened(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "service a {\n b = {\n}\n",
		    "f:1:11: error: this brace is not closed" },
		{ "a = 1\n }\n", "f:2:2: error: \"}\" without an open brace" },
		{ "x = \"abc\n", "f:1:5: error: this quote is not closed" },
		{ "\n /* abc", "f:2:2: error: this comment is not closed" },
	};
	char out[128], error[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scan(cases[i].text, out, sizeof(out), error, sizeof(error));
		assert_string_equal(error, cases[i].error);
	}
}

static void
a_byte_order_mark_is_skipped_and_nul_is_refused(void **state)
{
	struct reports reports;
	struct source source;

	(void)state;
	reports_init(&reports);
	assert_int_equal(source_memory(&source, "f", "\xef\xbb\xbfx", 4,
			     &reports),
	    0);
	assert_string_equal(source.text, "x");
	source_free(&source);
	assert_int_equal(source_memory(&source, "f", "a\nb\0c", 5, &reports),
	    -1);
	assert_int_equal(reports.list[0].place.line, 2);
	assert_int_equal(reports.list[0].place.column, 2);
	reports_free(&reports);
}

static void
only_regular_files_are_read(void **state)
{
	static const char *const bad[] = { "/", "/dev/null", "/nonexistent",
		NULL };
	char fifo[] = "/tmp/superd-unit-XXXXXX", path[64];
	struct reports reports;
	struct source source;

	(void)state;
	reports_init(&reports);
	for (size_t i = 0; bad[i] != NULL; i++)
		assert_int_equal(source_read(&source, bad[i], true, &reports),
		    -1);
	assert_non_null(mkdtemp(fifo));
	snprintf(path, sizeof(path), "%s/fifo", fifo);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(source_read(&source, path, true, &reports), -1);
	unlink(path);
	rmdir(fifo);
	assert_int_equal(reports.count, 4);
	reports_free(&reports);
}

static void
touch(const char *directory, const char *name)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void
includes_are_sorted_and_leave_out_backups(void **state)
{
	static const char *const names[] = { "b", "a", "c.bak", "d~", ".e" };
	char directory[] = "/tmp/superd-unit-XXXXXX", pattern[64];
	struct place place = { "f", 1, 1 };
	struct reports reports;
	char **list;
	size_t count;

	(void)state;
	reports_init(&reports);
	assert_non_null(mkdtemp(directory));
	for (size_t i = 0; i < 5; i++)
		touch(directory, names[i]);
	assert_int_equal(source_expand(directory, true, true, &place, &reports,
			     &list, &count),
	    0);
	assert_int_equal(count, 2);
	assert_string_equal(strrchr(list[0], '/'), "/a");
	assert_string_equal(strrchr(list[1], '/'), "/b");
	source_list_free(list, count);
	snprintf(pattern, sizeof(pattern), "%s/*", directory);
	assert_int_equal(source_expand(pattern, false, true, &place, &reports,
			     &list, &count),
	    0);
	assert_int_equal(count, 4);
	source_list_free(list, count);
	snprintf(pattern, sizeof(pattern), "%s/zz*", directory);
	assert_int_equal(source_expand(pattern, false, true, &place, &reports,
			     &list, &count),
	    0);
	assert_int_equal(count, 0);
	source_list_free(list, count);
	snprintf(pattern, sizeof(pattern), "%s/zz", directory);
	assert_int_equal(source_expand(pattern, false, true, &place, &reports,
			     &list, &count),
	    -1);
	assert_int_equal(reports.count, 1);
	source_list_free(list, count);
	snprintf(pattern, sizeof(pattern), "rm -r %s", directory);
	assert_int_equal(system(pattern), 0);
	reports_free(&reports);
}

/* A folder with a file, a link to it, one to nothing and one to itself. */
static void
make_folder(char *folder)
{
	char path[128];

	assert_non_null(mkdtemp(folder));
	touch(folder, "file");
	snprintf(path, sizeof(path), "%s/link", folder);
	assert_int_equal(symlink("file", path), 0);
	snprintf(path, sizeof(path), "%s/dangling", folder);
	assert_int_equal(symlink("nothing", path), 0);
	snprintf(path, sizeof(path), "%s/loop", folder);
	assert_int_equal(symlink("loop", path), 0);
}

static void
remove_folder(const char *folder)
{
	static const char *const names[] = { "file", "link", "dangling",
		"loop" };
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void
links_to_nothing_are_left_out_with_a_warning(void **state)
{
	char folder[] = "/tmp/superd-unit-XXXXXX", path[64];
	struct place place = { "f", 1, 1 };
	struct reports reports;
	char **list;
	size_t count;

	(void)state;
	reports_init(&reports);
	make_folder(folder);
	snprintf(path, sizeof(path), "%s//", folder);
	assert_int_equal(source_expand(path, true, true, &place, &reports,
			     &list, &count),
	    0);
	assert_int_equal(count, 2);
	assert_string_equal(strrchr(list[1], '/'), "/link");
	snprintf(path, sizeof(path), "%s/file", folder);
	assert_string_equal(list[0], path);
	assert_int_equal(reports.count, 2);
	assert_int_equal(reports_at_least(&reports, REPORT_UNSERVABLE), 0);
	source_list_free(list, count);
	reports_free(&reports);
	remove_folder(folder);
}

static void
a_folder_that_cannot_be_read_is_not_an_empty_one(void **state)
{
	static const struct {
		const char *path;
		bool directory;
		int result;
	} cases[] = { { "loop", true, -1 }, { "loop/*", false, -1 },
		{ "loop/a", false, -1 }, { "missing", true, -1 },
		{ "missing/*", false, 0 }, { "file/*", false, 0 },
		{ "file", true, -1 } };
	char folder[] = "/tmp/superd-unit-XXXXXX", path[64];
	struct place place = { "f", 1, 1 };

	(void)state;
	make_folder(folder);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reports reports;
		char **list;
		size_t count;

		reports_init(&reports);
		snprintf(path, sizeof(path), "%s/%s", folder, cases[i].path);
		if (source_expand(path, cases[i].directory, true, &place,
			&reports, &list, &count) != cases[i].result)
			fail_msg("%s", path);
		assert_int_equal(count, 0);
		assert_int_equal(reports_at_least(&reports, REPORT_SYNTAX),
		    cases[i].result != 0);
		source_list_free(list, count);
		reports_free(&reports);
	}
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_become_blanks_of_the_same_shape),
		cmocka_unit_test(quoted_text_is_no_comment),
		cmocka_unit_test(
		    what_is_never_closed_is_reported_where_it_was_opened),
		cmocka_unit_test(
		    a_byte_order_mark_is_skipped_and_nul_is_refused),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(includes_are_sorted_and_leave_out_backups),
		cmocka_unit_test(links_to_nothing_are_left_out_with_a_warning),
		cmocka_unit_test(
		    a_folder_that_cannot_be_read_is_not_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
