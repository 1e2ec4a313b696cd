/* From files to a checked conf: dialects, includes, defaults. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <bsd/string.h>

#include "conf/service.h"
#include "tests/unit/fake_names.h"

enum { NAME = 128, FILES = 8 };

/* A directory with files, and what a load of them gave. */
struct loading {
	char directory[NAME];
	char files[FILES][NAME];
	size_t nfiles;
	struct load_context context;
	struct reports reports;
	struct conf *conf;
};

static void
loading_start(struct loading *loading)
{
	memset(loading, 0, sizeof(*loading));
	strlcpy(loading->directory, "/tmp/superd-load-XXXXXX", NAME);
	assert_non_null(mkdtemp(loading->directory));
	fake_context(&loading->context);
	reports_init(&loading->reports);
}

/* The path of a new file in the directory. */
static const char *
put_file(struct loading *loading, const char *name, const char *text)
{
	char *path = loading->files[loading->nfiles++];
	FILE *file;

	assert_in_range(loading->nfiles, 1, FILES);
	strlcpy(path, loading->directory, NAME);
	strlcat(path, "/", NAME);
	assert_in_range(strlcat(path, name, NAME), 1, NAME - 1);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

static void
load(struct loading *loading, const char *file, const char *directory)
{
	loading->conf = conf_load(file, directory, &loading->context,
	    &loading->reports);
	assert_non_null(loading->conf);
}

static void
loading_end(struct loading *loading)
{
	char sub[NAME + 8];

	for (size_t i = 0; i < loading->nfiles; i++)
		unlink(loading->files[i]);
	snprintf(sub, sizeof(sub), "%s/sub", loading->directory);
	rmdir(sub);
	rmdir(loading->directory);
	conf_free(loading->conf);
	reports_free(&loading->reports);
	names_free(loading->context.names);
}

static void
assert_no_reports(const struct loading *loading)
{
	char buf[512];

	if (loading->reports.count > 0)
		fail_msg("%s",
		    report_format(&loading->reports.list[0], buf, sizeof(buf)));
}

/* The ports of all services, in order. */
static void
assert_ports(const struct loading *loading, const char *expected)
{
	char found[256] = "", number[16];

	for (size_t i = 0; i < loading->conf->count; i++) {
		snprintf(number, sizeof(number), "%s%u", i > 0 ? " " : "",
		    loading->conf->services[i]->port);
		strlcat(found, number, sizeof(found));
	}
	assert_string_equal(found, expected);
}

#define TAIL " stream tcp nowait alice /bin/cat cat\n"

static void
dialects_are_recognised_by_their_text(void **state)
{
	static const struct {
		const char *text;
		enum dialect dialect;
	} cases[] = {
		{ "", DIALECT_INETD },
		{ "# nothing\n\n", DIALECT_INETD },
		{ "ftp" TAIL, DIALECT_INETD },
		{ "# service x {\nftp" TAIL, DIALECT_INETD },
		{ "ftp on user = root;", DIALECT_INETD },
		{ ".include /etc/inetd.d/*\n", DIALECT_INETD },
		{ "/run/x stream unix nowait alice /bin/cat cat\n",
		    DIALECT_INETD },
		{ "127.0.0.1:\n", DIALECT_INETD },
		{ "service-x" TAIL, DIALECT_INETD },
		{ "service ftp\n{\n}\n", DIALECT_XINETD },
		{ "# x\ndefaults\n{\n}\n", DIALECT_XINETD },
		{ "Service ftp\n{\n}\n", DIALECT_XINETD },
		{ "includedir /etc/xinetd.d\n", DIALECT_XINETD },
		{ "include /etc/x\n", DIALECT_XINETD },
		{ "service ftp {\n}\n", DIALECT_SUPERD },
		{ "service \"ftp\"\n{\n}\n", DIALECT_SUPERD },
		/* the others tell: libwrap must not be lost by one brace */
		{ "service ftp {\n}\n# x\nservice x\n{\n}\n", DIALECT_XINETD },
		{ "defaults {\n}\nservice x\n{\n}\n", DIALECT_XINETD },
		{ "defaults {\n}\nservice \"x\"\n{\n}\n", DIALECT_SUPERD },
		{ "service ftp {\n}\n/*\nservice x\n*/", DIALECT_SUPERD },
		{ "include = { \"/etc/superd.d/*\" }\n", DIALECT_SUPERD },
		{ "/* x */ backlog = 5\n", DIALECT_SUPERD },
		{ "// x\nbacklog=5\n", DIALECT_SUPERD },
		{ "/* open", DIALECT_INETD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (dialect_guess(cases[i].text) != cases[i].dialect)
			fail_msg("%s", cases[i].text);
}

/* Words without braces around them, as in xinetd.conf. */
static void
what_a_doubtful_text_was_taken_for_is_told(void **state)
{
	static const char text[] = "service ftp {\nonly_from = a b\n}\n";
	struct loading l;

	(void)state;
	loading_start(&l);
	load(&l, put_file(&l, "a", text), NULL);
	assert_int_equal(l.reports.list[0].level, REPORT_WARNING);
	assert_non_null(strstr(l.reports.list[0].text, "read as superd.conf"));
	assert_true(reports_at_least(&l.reports, REPORT_SYNTAX) > 0);
	loading_end(&l);
	loading_start(&l);
	load(&l, put_file(&l, "a", "service \"ftp\" {\nonly_from = a b\n}"),
	    NULL);
	assert_int_equal(reports_at_least(&l.reports, REPORT_WARNING),
	    reports_at_least(&l.reports, REPORT_UNSERVABLE));
	loading_end(&l);
}

static void
format_of_the_command_line_wins(void **state)
{
	struct loading l;

	(void)state;
	loading_start(&l);
	l.context.format = DIALECT_INETD;
	load(&l, put_file(&l, "a", "service x\n{\n}\n"), NULL);
	assert_int_equal(l.reports.count, 3);
	assert_non_null(strstr(l.reports.list[0].text, "too few fields"));
	loading_end(&l);
}

static void
directory_is_read_after_the_file_in_order_without_leftovers(void **state)
{
	struct loading l;
	const char *file;
	char sub[NAME + 8];

	(void)state;
	loading_start(&l);
	file = put_file(&l, "main.conf", "1" TAIL);
	put_file(&l, "b", "3" TAIL);
	put_file(&l, "a", "2" TAIL);
	put_file(&l, "a.dpkg-old", "4" TAIL);
	put_file(&l, "c~", "5" TAIL);
	snprintf(sub, sizeof(sub), "%s/sub", l.directory);
	assert_int_equal(mkdir(sub, 0700), 0);
	load(&l, file, l.directory);
	assert_no_reports(&l);
	assert_ports(&l, "1 2 3");
	assert_int_equal(l.conf->nfiles, 3);
	loading_end(&l);
}

static void
directory_alone_is_enough(void **state)
{
	struct loading l;

	(void)state;
	loading_start(&l);
	put_file(&l, "a", "2" TAIL);
	load(&l, NULL, l.directory);
	assert_no_reports(&l);
	assert_ports(&l, "2");
	loading_end(&l);
}

static void
missing_files_are_syntax_errors(void **state)
{
	struct loading l;

	(void)state;
	loading_start(&l);
	load(&l, "/nonexistent/file", "/nonexistent/directory");
	assert_int_equal(l.conf->count, 0);
	assert_int_equal(reports_at_least(&l.reports, REPORT_SYNTAX), 2);
	assert_string_equal(l.reports.list[0].place.file, "/nonexistent/file");
	assert_string_equal(l.reports.list[1].place.file,
	    "/nonexistent/directory");
	loading_end(&l);
}

static void
includes_stand_where_they_are_and_relative_to_their_file(void **state)
{
	struct loading l;
	const char *file;

	(void)state;
	loading_start(&l);
	put_file(&l, "x2", "3" TAIL);
	put_file(&l, "x1", "127.0.0.1:\n2" TAIL);
	put_file(&l, "y", "4" TAIL);
	file = put_file(&l, "main.conf",
	    "1" TAIL ".include x*\n"
	    ".include y\n.include z*\n5" TAIL);
	load(&l, file, NULL);
	assert_no_reports(&l);
	assert_ports(&l, "1 2 3 4 5");
	assert_int_equal(l.conf->services[4]->nendpoints, 2);
	loading_end(&l);
}

/* The file that was named may be relative itself. */
static void
includes_are_relative_to_a_relative_file_in_every_format(void **state)
{
	static const char *const texts[] = { ".include y\n",
		"include = \"y\"\n", "include y\n" };
	static const char *const others[] = { "4" TAIL,
		"service a {\nlisten = 4\n internal = echo\n}\n",
		"service echo\n{\ntype = INTERNAL UNLISTED\n port = 4\n"
		"socket_type = stream\n wait = no\n}\n" };
	int here = open(".", O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_true(here >= 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct loading l;
		const char *file;

		loading_start(&l);
		put_file(&l, "y", others[i]);
		file = put_file(&l, "main.conf", texts[i]);
		assert_int_equal(chdir("/tmp"), 0);
		load(&l, file + strlen("/tmp/"), NULL);
		assert_int_equal(fchdir(here), 0);
		/* xinetd does otherwise, which is a warning */
		assert_int_equal(reports_at_least(&l.reports,
				     REPORT_UNSERVABLE),
		    0);
		assert_ports(&l, "4");
		loading_end(&l);
	}
	close(here);
}

static void
report_in_an_included_file_names_that_file(void **state)
{
	struct loading l;
	const char *file, *other;

	(void)state;
	loading_start(&l);
	other = put_file(&l, "x", "\n9 strm tcp nowait alice /bin/cat cat\n");
	file = put_file(&l, "main.conf", ".include x\n.include y\n");
	load(&l, file, NULL);
	assert_int_equal(l.reports.count, 2);
	assert_string_equal(l.reports.list[0].place.file, other);
	assert_int_equal(l.reports.list[0].place.line, 2);
	assert_string_equal(l.reports.list[1].place.file, file);
	assert_int_equal(l.reports.list[1].place.line, 2);
	assert_int_equal(l.reports.list[1].place.column, 10);
	loading_end(&l);
}

/* Each of the three includes all of them: without care, 3^16 readings. */
static void
circles_of_includes_are_told_and_left(void **state)
{
	struct loading l;
	const char *file;

	(void)state;
	loading_start(&l);
	file = put_file(&l, "x1", "1" TAIL ".include x*\n");
	put_file(&l, "x2", ".include x*\n");
	put_file(&l, "x3", ".include x*\n");
	load(&l, file, NULL);
	assert_ports(&l, "1");
	assert_true(reports_at_least(&l.reports, REPORT_SYNTAX) > 0);
	assert_in_range(l.reports.count, 1, 20);
	assert_non_null(strstr(l.reports.list[0].text, "include loop: "));
	loading_end(&l);
}

static void
reports_of_all_files_are_in_order(void **state)
{
	struct loading l;
	const char *file;

	(void)state;
	loading_start(&l);
	file = put_file(&l, "main.conf",
	    "5" TAIL "6 stream tcp nowait bob "
	    "/bin/dog dog\n*:5" TAIL "7 stream tcp nowait bob /bin/cat cat\n");
	load(&l, file, NULL);
	assert_int_equal(l.reports.count, 4);
	assert_int_equal(l.reports.list[0].place.line, 2);
	assert_int_equal(l.reports.list[0].place.column, 21);
	assert_int_equal(l.reports.list[1].place.line, 2);
	assert_int_equal(l.reports.list[1].place.column, 25);
	assert_int_equal(l.reports.list[2].place.line, 3);
	assert_int_equal(l.reports.list[3].place.line, 4);
	loading_end(&l);
}

static void
nothing_is_left_unset(void **state)
{
	struct loading l;
	const struct service *s;

	(void)state;
	loading_start(&l);
	load(&l, put_file(&l, "a", "5" TAIL), NULL);
	assert_no_reports(&l);
	s = l.conf->services[0];
	assert_int_equal(s->limits.instances, LIMIT_NONE);
	assert_int_equal(s->limits.per_source, LIMIT_UNSET);
	assert_int_equal(s->limits.rate.count, LIMIT_NONE);
	assert_int_equal(s->limits.source_rate.count, LIMIT_NONE);
	assert_int_equal(s->limits.max_pause, 0);
	assert_true(s->limits.max_load >= 0 && s->limits.max_load <= 0);
	assert_int_equal(s->backlog, 1024);
	assert_int_equal(l.conf->globals.backlog, 1024);
	assert_int_equal(l.conf->globals.max_children, 1000);
	assert_int_equal(l.conf->globals.max_connections, 4000);
	loading_end(&l);
}

static void
command_line_fills_what_entries_leave_open(void **state)
{
	struct loading l;
	struct service **s;

	(void)state;
	loading_start(&l);
	l.context.backlog = 7;
	l.context.max_children = 9;
	l.context.limits.instances = 3;
	l.context.limits.per_source = 4;
	l.context.limits.rate = (struct rate){ 5, 60 };
	l.context.limits.source_rate = (struct rate){ 6, 60 };
	load(&l,
	    put_file(&l, "a",
		"5" TAIL "6 stream tcp nowait/8/9/10 alice /bin/cat cat\n"
		"7 stream tcp nowait.11 alice /bin/cat cat\n"
		"8 stream tcp wait alice /bin/cat cat\n"
		"9 stream tcp nowait/0/0/0 alice /bin/cat cat\n"),
	    NULL);
	/* whom a server of "wait" serves, nobody sees */
	assert_int_equal(l.reports.count, 1);
	assert_int_equal(l.reports.list[0].place.line, 4);
	s = l.conf->services;
	assert_int_equal(s[3]->limits.per_source, LIMIT_NONE);
	assert_int_equal(s[3]->limits.source_rate.count, LIMIT_NONE);
	assert_int_equal(s[0]->limits.instances, 3);
	assert_int_equal(s[0]->limits.per_source, 4);
	assert_int_equal(s[0]->limits.rate.count, 5);
	assert_int_equal(s[0]->limits.source_rate.count, 6);
	assert_int_equal(s[0]->backlog, 7);
	assert_int_equal(l.conf->globals.max_children, 9);
	assert_int_equal(s[1]->limits.instances, 8);
	assert_int_equal(s[1]->limits.source_rate.count, 9);
	assert_int_equal(s[1]->limits.per_source, 10);
	assert_int_equal(s[1]->limits.rate.count, 5);
	assert_int_equal(s[2]->limits.rate.count, 11);
	assert_int_equal(s[3]->limits.rate.count, LIMIT_NONE);
	assert_int_equal(s[4]->limits.instances, LIMIT_NONE);
	assert_int_equal(s[4]->limits.per_source, LIMIT_NONE);
	assert_int_equal(s[4]->limits.source_rate.count, LIMIT_NONE);
	loading_end(&l);
}

static void
rate_zero_lifts_every_rate(void **state)
{
	struct loading l;
	struct service **s;

	(void)state;
	loading_start(&l);
	l.context.limits.rate.count = LIMIT_NONE;
	load(&l,
	    put_file(&l, "a",
		"5 stream tcp nowait.11 alice /bin/cat cat\n"
		"6 stream tcp nowait/3/9 alice /bin/cat cat\n"),
	    NULL);
	s = l.conf->services;
	assert_int_equal(s[0]->limits.rate.count, LIMIT_NONE);
	assert_int_equal(s[1]->limits.source_rate.count, LIMIT_NONE);
	assert_int_equal(s[1]->limits.instances, 3);
	loading_end(&l);
}

/* A host that also knows what the two samples name. */
static int
sample_user(void *arg, const char *name, struct account *account,
    char **storage)
{
	return fake_user(arg, strcmp(name, "nobody") == 0 ? "alice" : name,
	    account, storage);
}

static int
sample_number(void *arg, enum name_kind kind, const char *name,
    const char *more, uint32_t *number)
{
	static const struct {
		const char *name;
		uint32_t port;
	} ports[] = { { "echo", 7 }, { "chargen", 19 }, { "ftp", 21 },
		{ "telnet", 23 }, { "tftp", 69 }, { "finger", 79 },
		{ "auth", 113 } };

	if (kind == NAME_PROGRAM)
		return 0;
	if (kind != NAME_PORT)
		return fake_number(arg, kind, name, more, number);
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (strcmp(ports[i].name, name) == 0) {
			*number = ports[i].port;
			return 0;
		}
	return ENOENT;
}

static bool
sample_internal(const char *name, int socktype)
{
	(void)socktype;
	return strcmp(name, "echo") == 0 || strcmp(name, "chargen") == 0;
}

static void
samples_load_verbatim(void **state)
{
	static const char *const files[] = {
		"tests/acceptance/samples/inetd.conf.netprog",
		"tests/acceptance/samples/inetd.conf.bits",
	};
	struct names_backend backend = fake_backend;
	struct loading l;

	(void)state;
	backend.user = sample_user;
	backend.number = sample_number;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		loading_start(&l);
		names_free(l.context.names);
		l.context.names = names_new(&backend, NULL);
		l.context.internal_known = sample_internal;
		l.context.insecure_files = true; /* whose clone it is */
		load(&l, files[i], NULL);
		assert_no_reports(&l);
		assert_ports(&l, "7 7 19 19 21 23 79 113 69");
		assert_string_equal(l.conf->services[7]->command.argv[3], "-o");
		assert_string_equal(l.conf->services[8]->command.argv[2],
		    "/tftpboot");
		loading_end(&l);
	}
}

/* n lines for each their own port of an address; the text is malloc'd. */
static char *
many_lines(unsigned n)
{
	char *text = malloc((size_t)n * 80 + 1), *p = text;

	assert_non_null(text);
	for (unsigned i = 0; i < n; i++)
		p += sprintf(p,
		    "127.0.%u.1:%u stream tcp nowait/5 "
		    "alice.staff /bin/cat cat -u\n",
		    i / 5000, i % 5000 + 1000);
	return text;
}

static void
ten_thousand_lines_load_in_less_than_a_second(void **state)
{
	struct timespec start, end;
	struct loading l;
	const char *file;
	char *text = many_lines(10000);

	(void)state;
	loading_start(&l);
	file = put_file(&l, "a", text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	load(&l, file, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	assert_no_reports(&l);
	assert_int_equal(l.conf->count, 10000);
	assert_true((double)(end.tv_sec - start.tv_sec) +
		(double)(end.tv_nsec - start.tv_nsec) / 1e9 <
	    1);
	loading_end(&l);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialects_are_recognised_by_their_text),
		cmocka_unit_test(what_a_doubtful_text_was_taken_for_is_told),
		cmocka_unit_test(format_of_the_command_line_wins),
		cmocka_unit_test(
		    directory_is_read_after_the_file_in_order_without_leftovers),
		cmocka_unit_test(directory_alone_is_enough),
		cmocka_unit_test(missing_files_are_syntax_errors),
		cmocka_unit_test(
		    includes_stand_where_they_are_and_relative_to_their_file),
		cmocka_unit_test(
		    includes_are_relative_to_a_relative_file_in_every_format),
		cmocka_unit_test(report_in_an_included_file_names_that_file),
		cmocka_unit_test(circles_of_includes_are_told_and_left),
		cmocka_unit_test(reports_of_all_files_are_in_order),
		cmocka_unit_test(nothing_is_left_unset),
		cmocka_unit_test(command_line_fills_what_entries_leave_open),
		cmocka_unit_test(rate_zero_lifts_every_rate),
		cmocka_unit_test(samples_load_verbatim),
		cmocka_unit_test(ten_thousand_lines_load_in_less_than_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
