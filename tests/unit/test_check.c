/* The check of a whole conf: who may have a socket, an id, a place behind
 * tcpmux. */
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <time.h>

#include "conf/check.h"
#include "conf/readers.h"
#include "conf/service.h"
#include "tests/unit/fake_names.h"

struct checking {
	struct load_context context;
	struct reports reports;
	struct conf *conf;
};

static void
check_conf(struct checking *checking)
{
	conf_check(checking->conf, &checking->reports);
}

/* An inetd.conf text, read but not checked yet. */
static void
read_text(struct checking *checking, const char *text)
{
	struct loader loader = { .read = load_source,
		.context = &checking->context };
	struct source source;

	fake_context(&checking->context);
	reports_init(&checking->reports);
	checking->conf = conf_new();
	loader.conf = checking->conf;
	loader.reports = &checking->reports;
	assert_int_equal(source_memory(&source, "f", text, strlen(text),
			     &checking->reports),
	    0);
	inetd_read(&loader, &source);
	source_free(&source);
	assert_int_equal(checking->reports.count, 0);
}

static void
checking_free(struct checking *checking)
{
	conf_free(checking->conf);
	reports_free(&checking->reports);
	names_free(checking->context.names);
}

/* "yny": the second entry is not served. */
static void
assert_served(const struct checking *checking, const char *text,
    const char *served)
{
	const struct conf *conf = checking->conf;
	char found[16];
	size_t i;

	assert_in_range(conf->count, 1, sizeof(found) - 1);
	for (i = 0; i < conf->count; i++)
		found[i] = conf->services[i]->unservable ? 'n' : 'y';
	found[i] = '\0';
	if (strcmp(found, served) != 0)
		fail_msg("%s: %s, expected %s", text, found, served);
}

#define TAIL  " nowait alice /bin/cat cat\n"
#define OTHER " nowait alice /bin/cat dog\n"
#define DGRAM " wait alice /bin/cat cat\n"

static void
first_entry_of_a_socket_is_the_one_that_serves(void **state)
{
	static const char *const cases[][2] = {
		{ "5 stream tcp" TAIL "6 stream tcp" TAIL, "yy" },
		{ "5 stream tcp" TAIL "5 stream tcp" TAIL, "yn" },
		{ "21 stream tcp" TAIL "ftp stream tcp" TAIL, "yn" },
		{ "5 stream tcp" TAIL "5 dgram udp" DGRAM, "yy" },
		{ "5 stream tcp4" TAIL "5 stream tcp6" TAIL, "yy" },
		{ "5 stream tcp" TAIL "5 stream tcp4" OTHER, "yn" },
		{ "5 stream tcp" TAIL "5 stream tcp6" OTHER, "yn" },
		{ "5 stream tcp4" TAIL "5 stream tcp" OTHER, "yn" },
		{ "5 stream tcp46" TAIL "5 stream tcp4" OTHER, "yn" },
		{ "5 stream tcp46" TAIL "5 stream tcp6" OTHER, "yn" },
		{ "5 stream tcp46" TAIL "127.0.0.1:5 stream tcp" TAIL, "yn" },
		{ "127.0.0.1:5 stream tcp" TAIL "127.0.0.2:5 stream tcp" TAIL,
		    "yy" },
		{ "example:5 stream tcp" TAIL "192.0.2.7:5 stream tcp" TAIL,
		    "yn" },
		{ "127.0.0.1,127.0.0.1:5 stream tcp" TAIL, "y" },
		{ "/run/x stream unix" TAIL "/run/x stream unix" TAIL, "yn" },
		{ "/run/x stream unix" TAIL "/run/x dgram unix" DGRAM, "yn" },
		{ "/run/x stream unix" TAIL "/run/y stream unix" TAIL, "yy" },
		{ "rstatd/1 dgram rpc/udp" DGRAM "rstatd/2 dgram rpc/udp" DGRAM,
		    "yy" },
		{ "icmp raw icmp" DGRAM "x raw icmp" DGRAM, "yy" },
	};
	struct checking checking;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_text(&checking, cases[i][0]);
		check_conf(&checking);
		assert_served(&checking, cases[i][0], cases[i][1]);
		checking_free(&checking);
	}
}

/* As the inetd.conf of OpenBSD has them, where tcp is IPv4 alone. */
static void
lines_that_differ_in_their_family_alone_are_one_service(void **state)
{
	static const struct {
		const char *text, *id;
		size_t sockets;
	} cases[] = {
		{ "5 stream tcp" TAIL "5 stream tcp6" TAIL, "5/tcp", 2 },
		{ "5 stream tcp6" TAIL "5 stream tcp" TAIL, "5/tcp", 2 },
		{ "5 stream tcp" TAIL "5 stream tcp4" TAIL, "5/tcp", 2 },
		{ "5 stream tcp4" TAIL "5 stream tcp6" TAIL "5 stream tcp" TAIL,
		    "5/tcp", 2 },
		{ "5 stream tcp46" TAIL "5 stream tcp6" TAIL, "5/tcp46", 1 },
		{ "5 stream tcp" TAIL "5 stream tcp46" TAIL, "5/tcp", 2 },
		{ "5 dgram udp" DGRAM "5 dgram udp6" DGRAM, "5/udp", 2 },
		{ "ftp stream tcp" TAIL "21 stream tcp6" TAIL, "ftp/tcp", 2 },
		{ "127.0.0.1:5 stream tcp" TAIL "127.0.0.1:5 stream tcp4" TAIL,
		    "127.0.0.1:5/tcp", 1 },
	};
	struct checking checking;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct service *s;

		read_text(&checking, cases[i].text);
		check_conf(&checking);
		s = checking.conf->services[0];
		if (checking.reports.count > 0 || checking.conf->count != 1 ||
		    strcmp(s->id, cases[i].id) != 0 ||
		    s->nendpoints != cases[i].sockets)
			fail_msg("%s: %zu services, %s", cases[i].text,
			    checking.conf->count, s->id);
		checking_free(&checking);
	}
}

static void
wildcard_and_single_address_do_not_go_together(void **state)
{
	static const char *const cases[][2] = {
		{ "5 stream tcp" TAIL "127.0.0.1:5 stream tcp" TAIL, "yn" },
		{ "127.0.0.1:5 stream tcp" TAIL "5 stream tcp" TAIL, "yn" },
		{ "127.0.0.1:5 stream tcp" TAIL "5 stream tcp6" TAIL, "yy" },
		{ "5 stream tcp4" TAIL "[::1]:5 stream tcp" TAIL, "yy" },
		{ "5 dgram udp" DGRAM "[::1]:5 dgram udp" DGRAM, "yn" },
		{ "6 stream tcp" TAIL "127.0.0.1:5 stream tcp" TAIL, "yy" },
		{ "127.0.0.1:6 stream tcp" TAIL "5 stream tcp" TAIL, "yy" },
	};
	struct checking checking;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_text(&checking, cases[i][0]);
		check_conf(&checking);
		assert_served(&checking, cases[i][0], cases[i][1]);
		checking_free(&checking);
	}
}

/* The second entry clashes with the first, and so leaves its IPv4 socket to
 * the third. */
static void
entry_that_is_not_served_holds_nothing(void **state)
{
	static const char text[] = "5 stream tcp6" TAIL "5 stream tcp" OTHER
				   "5 stream tcp4" TAIL;
	struct checking checking;

	(void)state;
	read_text(&checking, text);
	check_conf(&checking);
	assert_served(&checking, text, "yny");
	assert_int_equal(checking.reports.count, 1);
	checking_free(&checking);
}

static void
duplicate_names_both_places(void **state)
{
	struct checking checking;
	char buf[256];

	(void)state;
	read_text(&checking, "5 stream tcp" TAIL "\n*:5 stream tcp" TAIL);
	check_conf(&checking);
	assert_int_equal(checking.reports.count, 1);
	assert_int_equal(checking.reports.list[0].level, REPORT_UNSERVABLE);
	assert_string_equal(report_format(&checking.reports.list[0], buf,
				sizeof(buf)),
	    "f:3:1: error: socket 5 is already taken by 5/tcp at f:1, which "
	    "serves it");
	assert_false(checking.conf->services[1]->retry);
	checking_free(&checking);
}

static void
disabled_entries_never_clash(void **state)
{
	static const char text[] =
	    "5 off exec = /bin/cat, args = cat, "
	    "user = alice;\n5 stream tcp" TAIL "5 off exec = /bin/cat, "
	    "args = cat, user = alice;\n";
	struct checking checking;

	(void)state;
	read_text(&checking, text);
	check_conf(&checking);
	assert_int_equal(checking.reports.count, 0);
	checking_free(&checking);
}

static void
interfaces_keep_sockets_apart(void **state)
{
	static const char text[] = "5 stream tcp" TAIL "*:5 stream tcp" TAIL;
	struct checking checking;
	struct service **s;

	(void)state;
	read_text(&checking, text);
	s = checking.conf->services;
	free(s[1]->id);
	s[1]->id = xstrdup("other");
	s[0]->interface = xstrdup("eth0");
	s[1]->interface = xstrdup("eth1");
	check_conf(&checking);
	assert_served(&checking, text, "yy");
	checking_free(&checking);
}

static void
second_owner_of_an_id_is_not_served(void **state)
{
	static const char text[] = "5 stream tcp" TAIL "6 stream tcp" TAIL
				   "7 stream tcp" TAIL;
	struct checking checking;
	struct service **s;

	(void)state;
	read_text(&checking, text);
	s = checking.conf->services;
	free(s[2]->id);
	s[2]->id = xstrdup(s[0]->id);
	check_conf(&checking);
	assert_served(&checking, text, "yyn");
	assert_non_null(strstr(checking.reports.list[0].text,
	    "id 5/tcp is already taken by 5/tcp at f:1"));
	checking_free(&checking);
}

static void
plain_and_plus_of_tcpmux_are_one_name(void **state)
{
	static const char text[] =
	    "1 stream tcp nowait root internal tcpmux\n"
	    "tcpmux/x stream tcp" TAIL "tcpmux/+x stream tcp" TAIL;
	struct checking checking;

	(void)state;
	read_text(&checking, text);
	check_conf(&checking);
	assert_served(&checking, text, "yyn");
	checking_free(&checking);
}

static void
tcpmux_services_need_tcpmux_and_a_program(void **state)
{
	static const char lonely[] = "tcpmux/x stream tcp" TAIL;
	static const char builtin[] =
	    "1 stream tcp nowait root internal "
	    "tcpmux\ntcpmux/x stream tcp nowait root internal daytime\n";
	struct checking checking;

	(void)state;
	read_text(&checking, lonely);
	check_conf(&checking);
	assert_served(&checking, lonely, "y");
	assert_int_equal(checking.reports.list[0].level, REPORT_WARNING);
	checking_free(&checking);
	read_text(&checking, builtin);
	check_conf(&checking);
	assert_served(&checking, builtin, "yn");
	checking_free(&checking);
}

/* n entries, each with its own address, all at one port. */
static char *
many_entries(unsigned n)
{
	char *text = malloc((size_t)n * 64), *p = text;

	assert_non_null(text);
	for (unsigned i = 0; i < n; i++)
		p += sprintf(p, "10.0.%u.%u:5 stream tcp" TAIL, i / 256,
		    i % 256);
	return text;
}

static double
seconds_of(unsigned n)
{
	struct checking checking;
	struct timespec start, end;
	char *text = many_entries(n);

	read_text(&checking, text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	check_conf(&checking);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	assert_int_equal(checking.conf->count, n);
	assert_int_equal(checking.reports.count, 0);
	checking_free(&checking);
	free(text);
	return (double)(end.tv_sec - start.tv_sec) +
	    (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

static void
cost_does_not_grow_with_the_square(void **state)
{
	(void)state;
	assert_true(seconds_of(50000) < 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    lines_that_differ_in_their_family_alone_are_one_service),
		cmocka_unit_test(
		    first_entry_of_a_socket_is_the_one_that_serves),
		cmocka_unit_test(
		    wildcard_and_single_address_do_not_go_together),
		cmocka_unit_test(entry_that_is_not_served_holds_nothing),
		cmocka_unit_test(duplicate_names_both_places),
		cmocka_unit_test(disabled_entries_never_clash),
		cmocka_unit_test(interfaces_keep_sockets_apart),
		cmocka_unit_test(second_owner_of_an_id_is_not_served),
		cmocka_unit_test(plain_and_plus_of_tcpmux_are_one_name),
		cmocka_unit_test(tcpmux_services_need_tcpmux_and_a_program),
		cmocka_unit_test(cost_does_not_grow_with_the_square),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
