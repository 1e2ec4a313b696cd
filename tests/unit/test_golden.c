/*
 * The golden record: what each of the texts in tests/golden means.  A text
 * is read, checked and printed on a host of the test's own, so that the
 * record is the same on every machine; since the printer writes the whole
 * model, so does the record.  What a change is meant to alter is recorded
 * anew by "GOLDEN=write build/unit/test_golden", in a commit that says why.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "conf/check.h"
#include "conf/print.h"
#include "conf/readers.h"
#include "conf/service.h"
#include "services/services.h"
#include "tests/unit/fake_names.h"

#define MARK	   "%%%% "
#define NO_NEWLINE " (no newline at the end)"

/* Of one dialect: the texts, and what they meant when they were recorded. */
struct pack {
	const char *texts, *record;
	void (*read)(struct loader *, struct source *);
};

static const struct pack packs[] = {
	{ "tests/golden/inetd.texts", "tests/golden/inetd.record", inetd_read },
	{ "tests/golden/xinetd.texts", "tests/golden/xinetd.record",
	    xinetd_read },
	{ "tests/golden/superdconf.texts", "tests/golden/superdconf.record",
	    superd_read },
};

/* The host: some more accounts, and every program is there. */

static int
golden_user(void *arg, const char *name, struct account *account,
    char **storage)
{
	if (strcmp(name, "nobody") != 0)
		return fake_user(arg, name, account, storage);
	*storage = NULL;
	*account = (struct account){ .uid = 65534,
		.gid = 65534,
		.name = "nobody",
		.home = "/nonexistent",
		.shell = "/usr/sbin/nologin" };
	return 0;
}

static int
golden_host(void *arg, const char *name, int family, struct addr **list,
    size_t *count)
{
	if (strcmp(name, "localhost") != 0)
		return fake_host(arg, name, family, list, count);
	*list = xcalloc(2, sizeof(**list));
	*count = 0;
	if (family != AF_INET6)
		addr_parse_host("127.0.0.1", 0, &(*list)[(*count)++]);
	if (family != AF_INET)
		addr_parse_host("::1", 0, &(*list)[(*count)++]);
	return 0;
}

static int
golden_number(void *arg, enum name_kind kind, const char *name,
    const char *more, uint32_t *number)
{
	if (kind != NAME_PROGRAM)
		return fake_number(arg, kind, name, more, number);
	return strstr(name, "nosuch") == NULL ? 0 : ENOENT;
}

static const struct names_backend golden_backend = { golden_user, fake_groups,
	golden_host, golden_number };

static void
golden_context(struct load_context *context)
{
	fake_context(context);
	names_free(context->names);
	context->names = names_new(&golden_backend, NULL);
	context->internal_known = handler_known;
}

/* Files, and the records in them. */

static char *
file_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0, length = 0;

	if (file == NULL)
		return NULL;
	do {
		size += 65536;
		text = xreallocarray(text, size + 1, 1);
		length += fread(text + length, 1, size - length, file);
	} while (length == size);
	text[length] = '\0';
	fclose(file);
	return text;
}

/* The next mark at the start of a line, or the end of the text. */
static const char *
next_mark(const char *text)
{
	const char *mark = strstr(text, "\n" MARK);

	return mark != NULL ? mark + 1 : text + strlen(text);
}

static void
meaning(const struct pack *pack, const char *text, size_t length, FILE *out)
{
	struct load_context context;
	struct reports reports;
	struct source source;
	struct loader loader = { .read = load_source,
		.context = &context,
		.reports = &reports,
		.depth = LOAD_DEPTH };
	char line[1024];

	golden_context(&context);
	reports_init(&reports);
	loader.conf = conf_new();
	if (source_memory(&source, "f", text, length, &reports) == 0) {
		pack->read(&loader, &source);
		conf_check(loader.conf, &reports);
		source_free(&source);
	}
	reports_sort(&reports);
	for (size_t i = 0; i < reports.count; i++)
		fprintf(out, "%s\n",
		    report_format(&reports.list[i], line, sizeof(line)));
	conf_print(loader.conf, out);
	conf_free(loader.conf);
	reports_free(&reports);
	names_free(context.names);
}

/* One record of a pack of texts: its first line again, and the meaning. */
static void
record_one(const struct pack *pack, const char *record, const char *end,
    FILE *out)
{
	const char *text = strchr(record, '\n') + 1;
	size_t length = (size_t)(end - text), title = (size_t)(text - record);

	fwrite(record, 1, title, out);
	if (title > sizeof(NO_NEWLINE) &&
	    strncmp(text - sizeof(NO_NEWLINE), NO_NEWLINE "\n",
		sizeof(NO_NEWLINE)) == 0)
		length--;
	meaning(pack, text, length, out);
}

static char *
record_all(const struct pack *pack)
{
	char *texts = file_text(pack->texts), *now = NULL;
	const char *at, *end;
	size_t length = 0;
	FILE *out = open_memstream(&now, &length);

	assert_non_null(texts);
	assert_non_null(out);
	assert_memory_equal(texts, MARK, strlen(MARK));
	for (at = texts; *at != '\0'; at = end) {
		end = next_mark(at);
		record_one(pack, at, end, out);
	}
	fclose(out);
	free(texts);
	return now;
}

/* The first record that differs is shown, the others are counted. */
static unsigned
compare_records(const char *now, const char *then)
{
	unsigned different = 0;

	while (*now != '\0' && *then != '\0') {
		size_t a = (size_t)(next_mark(now) - now);
		size_t b = (size_t)(next_mark(then) - then);

		if ((a != b || memcmp(now, then, a) != 0) && different++ == 0)
			print_error("recorded:\n%.*snow:\n%.*s", (int)b, then,
			    (int)a, now);
		now += a;
		then += b;
	}
	return different + (*now != *then);
}

static void
write_record(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_return_code(fputs(text, file), 0);
	assert_return_code(fclose(file), 0);
}

static void
check_pack(const struct pack *pack)
{
	const char *golden = getenv("GOLDEN");
	char *now = record_all(pack), *then;
	unsigned different;

	if (golden != NULL && strcmp(golden, "write") == 0)
		write_record(pack->record, now);
	then = file_text(pack->record);
	assert_non_null(then);
	different = compare_records(now, then);
	free(now);
	free(then);
	if (different > 0)
		fail_msg("%s: %u records differ; where that is meant: "
			 "GOLDEN=write build/unit/test_golden",
		    pack->record, different);
}

static void
texts_of_inetd_conf_mean_what_they_meant(void **state)
{
	(void)state;
	check_pack(&packs[0]);
}

static void
texts_of_xinetd_conf_mean_what_they_meant(void **state)
{
	(void)state;
	check_pack(&packs[1]);
}

static void
texts_of_superd_conf_mean_what_they_meant(void **state)
{
	(void)state;
	check_pack(&packs[2]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_inetd_conf_mean_what_they_meant),
		cmocka_unit_test(texts_of_xinetd_conf_mean_what_they_meant),
		cmocka_unit_test(texts_of_superd_conf_mean_what_they_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
