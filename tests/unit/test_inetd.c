/* The reader of inetd.conf: what each form of line becomes. */
#include "tests/unit/unit.h"

#include <netinet/in.h>

#include "conf/readers.h"
#include "conf/service.h"
#include "tests/unit/fake_names.h"

/* One text, read. */
struct reading {
	struct load_context context;
	struct reports reports;
	struct conf *conf;
};

static void
read_text(struct reading *reading, const char *text)
{
	struct loader loader = { .context = &reading->context };
	struct source source;

	fake_context(&reading->context);
	reports_init(&reading->reports);
	reading->conf = conf_new();
	loader.conf = reading->conf;
	loader.reports = &reading->reports;
	assert_int_equal(source_memory(&source, "f", text, strlen(text),
	    &reading->reports), 0);
	inetd_read(&loader, &source);
	source_free(&source);
}

static void
reading_free(struct reading *reading)
{
	conf_free(reading->conf);
	reports_free(&reading->reports);
	names_free(reading->context.names);
}

/* The only service of a text without reports. */
static const struct service *
one(struct reading *reading, const char *text)
{
	char buf[256];

	read_text(reading, text);
	if (reading->reports.count > 0)
		fail_msg("%s: %s", text, report_format(
		    &reading->reports.list[0], buf, sizeof(buf)));
	assert_int_equal(reading->conf->count, 1);
	return reading->conf->services[0];
}

static void
fields_go_where_they_belong(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading, "ftp stream tcp nowait alice:staff /bin/cat cat -u\n");
	assert_string_equal(s->id, "ftp/tcp");
	assert_int_equal(s->socktype, SOCK_STREAM);
	assert_int_equal(s->protocol, IPPROTO_TCP);
	assert_int_equal(s->port, 21);
	assert_false(s->wait);
	assert_string_equal(s->command.program, "/bin/cat");
	assert_string_equal(s->command.argv[0], "cat");
	assert_string_equal(s->command.argv[1], "-u");
	assert_null(s->command.argv[2]);
	assert_int_equal(s->command.uid, 1000);
	assert_int_equal(s->command.gid, 50);
	assert_int_equal(s->command.groups[0], 50);
	assert_true(s->command.change_user);
	assert_int_equal(s->place.line, 1);
	assert_int_equal(s->limits.rate.count, LIMIT_UNSET);
	reading_free(&reading);
}

static void
wait_field_has_all_its_forms(void **state)
{
	static const struct {
		const char *text;
		bool wait;
		unsigned rate, instances, per_minute, per_source;
	} cases[] = {
		{ "wait", true, LIMIT_UNSET, LIMIT_UNSET, LIMIT_UNSET,
		    LIMIT_UNSET },
		{ "nowait.40", false, 40, LIMIT_UNSET, LIMIT_UNSET,
		    LIMIT_UNSET },
		{ "nowait:7", false, 7, LIMIT_UNSET, LIMIT_UNSET,
		    LIMIT_UNSET },
		{ "wait.3", true, 3, LIMIT_UNSET, LIMIT_UNSET, LIMIT_UNSET },
		{ "nowait/10", false, LIMIT_UNSET, 10, LIMIT_UNSET,
		    LIMIT_UNSET },
		{ "nowait/10/60/3", false, LIMIT_UNSET, 10, 60, 3 },
		{ "nowait.0", false, LIMIT_NONE, LIMIT_UNSET, LIMIT_UNSET,
		    LIMIT_UNSET },
	};
	struct reading reading;
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct service *s;

		snprintf(line, sizeof(line),
		    "1 stream tcp %s alice /bin/cat cat\n", cases[i].text);
		s = one(&reading, line);
		assert_int_equal(s->wait, cases[i].wait);
		assert_int_equal(s->limits.rate.count, cases[i].rate);
		assert_int_equal(s->limits.instances, cases[i].instances);
		assert_int_equal(s->limits.source_rate.count,
		    cases[i].per_minute);
		assert_int_equal(s->limits.per_source, cases[i].per_source);
		reading_free(&reading);
	}
}

static void
addresses_of(const char *text, const char *expected)
{
	struct reading reading;
	const struct service *s = one(&reading, text);
	char all[512] = "", buf[ADDR_TEXT];

	for (size_t i = 0; i < s->nendpoints; i++) {
		if (i > 0)
			strcat(all, " ");
		strcat(all, addr_print(&s->endpoints[i].addr, buf,
		    sizeof(buf)));
		if (s->endpoints[i].addr.u.sa.sa_family == AF_INET6 &&
		    !s->endpoints[i].v6only)
			strcat(all, "*");
	}
	assert_string_equal(all, expected);
	reading_free(&reading);
}

static void
addresses_and_families_choose_the_sockets(void **state)
{
	static const char *const cases[][2] = {
		{ "5 stream tcp", "0.0.0.0:5 [::]:5" },
		{ "5 stream tcp4", "0.0.0.0:5" },
		{ "5 stream tcp6", "[::]:5" },
		{ "5 stream tcp6only", "[::]:5" },
		{ "5 stream tcp46", "[::]:5*" },
		{ "*:5 stream tcp", "0.0.0.0:5 [::]:5" },
		{ "127.0.0.1:5 stream tcp", "127.0.0.1:5" },
		{ "[::1]:5 stream tcp", "[::1]:5" },
		{ "::1:5 stream tcp", "[::1]:5" },
		{ "127.0.0.1,::1:5 stream tcp", "127.0.0.1:5 [::1]:5" },
		{ "example:5 stream tcp", "192.0.2.7:5 [2001:db8::7]:5" },
		{ "example:5 stream tcp4", "192.0.2.7:5" },
		{ "example:5 stream tcp6", "[2001:db8::7]:5" },
		{ "127.0.0.1:\n5 stream tcp", "127.0.0.1:5" },
		{ "127.0.0.1:\n*:\n5 stream tcp", "0.0.0.0:5 [::]:5" },
		{ "127.0.0.1:\n[::1]:5 stream tcp", "[::1]:5" },
	};
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "%s nowait alice /bin/cat cat\n",
		    cases[i][0]);
		addresses_of(line, cases[i][1]);
	}
}

static void
users_with_a_dot_are_tried_whole_first(void **state)
{
	struct reading reading;

	(void)state;
	assert_int_equal(one(&reading, "5 stream tcp nowait my.user /bin/cat "
	    "cat\n")->command.uid, 2000);
	reading_free(&reading);
	assert_int_equal(one(&reading, "5 stream tcp nowait alice.staff "
	    "/bin/cat cat\n")->command.gid, 50);
	reading_free(&reading);
}

static void
rpc_names_and_versions_are_resolved(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading, "rstatd/1-5 dgram rpc/udp wait alice /bin/cat cat\n");
	assert_true(s->rpc.enabled);
	assert_int_equal(s->rpc.program, 100001);
	assert_int_equal(s->rpc.low, 1);
	assert_int_equal(s->rpc.high, 5);
	assert_int_equal(s->protocol, IPPROTO_UDP);
	assert_int_equal(s->port, 0);
	assert_int_equal(s->nendpoints, 2);
	reading_free(&reading);
}

static void
tcpmux_services_bind_nothing(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading, "tcpmux/+who stream tcp nowait alice /bin/cat cat\n");
	assert_int_equal(s->mux, MUX_PLUS);
	assert_int_equal(s->nendpoints, 0);
	assert_string_equal(s->id, "tcpmux/+who");
	reading_free(&reading);
}

static void
unix_sockets_have_a_path_and_perhaps_an_owner(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading, "/run/x stream unix nowait alice /bin/cat cat\n");
	assert_int_equal(s->family, FAMILY_UNIX);
	assert_int_equal(s->node.mode, 0666);
	assert_false(s->node.owned);
	assert_string_equal(s->id, "/run/x/unix");
	reading_free(&reading);
	s = one(&reading, ":alice:staff:0640:/run/x stream unix nowait alice "
	    "/bin/cat cat\n");
	assert_true(s->node.owned);
	assert_int_equal(s->node.uid, 1000);
	assert_int_equal(s->node.gid, 50);
	assert_int_equal(s->node.mode, 0640);
	assert_string_equal(s->id, "/run/x/unix");
	reading_free(&reading);
}

static void
aliases_and_numbers_find_internal_services(void **state)
{
	struct reading reading;

	(void)state;
	assert_string_equal(one(&reading, "7 stream tcp nowait root "
	    "internal\n")->internal, "echo");
	reading_free(&reading);
	assert_string_equal(one(&reading, "7007 dgram udp wait root internal "
	    "echo\n")->internal, "echo");
	assert_false(reading.conf->services[0]->wait);
	reading_free(&reading);
}

static void
netbsd_definitions_become_the_same_service(void **state)
{
	struct reading a, b;
	const struct service *s, *t;

	(void)state;
	s = one(&a, "127.0.0.1:5 on # comment\n exec = /bin/cat, args = cat "
	    "\"a\\tb\" ,\n user = alice, group = staff, accept_max = 3,\n"
	    " service_max = 60, ip_max = 5, sndbuf = 16k;\n");
	t = one(&b, "127.0.0.1:5 stream,3 tcp,sndbuf=16k nowait:60 "
	    "alice:staff /bin/cat cat 'a\tb'\n");
	assert_true(service_same_socket(s, t));
	assert_true(service_same_command(s, t));
	assert_int_equal(s->limits.instances, 3);
	assert_int_equal(s->limits.rate.count, 60);
	assert_int_equal(s->limits.rate.seconds, 60);
	assert_int_equal(s->limits.source_rate.count, 5);
	reading_free(&a);
	reading_free(&b);
	s = one(&a, "5 off exec = /bin/cat, args = cat, user = alice, "
	    "bind = 127.0.0.1;");
	assert_true(s->disabled);
	assert_int_equal(s->nendpoints, 1);
	reading_free(&a);
}

static void
resolver_trouble_is_worth_a_retry_and_typing_errors_are_not(void **state)
{
	static const struct {
		const char *text;
		enum report_level level;
		bool retry;
	} cases[] = {
		{ "slow.example:5 stream tcp nowait alice /bin/cat cat",
		    REPORT_UNSERVABLE, true },
		{ "5 stream tcp nowait slow /bin/cat cat",
		    REPORT_UNSERVABLE, true },
		{ "nothing stream tcp nowait alice /bin/cat cat",
		    REPORT_UNSERVABLE, false },
		{ "5 stream tcp nowait alice bin/cat cat", REPORT_SYNTAX,
		    false },
		{ "5 stream tcp nowait alice /bin/dog dog", REPORT_WARNING,
		    false },
	};
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct service *s;

		read_text(&reading, cases[i].text);
		assert_int_equal(reading.reports.count, 1);
		assert_int_equal(reading.reports.list[0].level,
		    cases[i].level);
		s = reading.conf->services[0];
		assert_int_equal(s->unservable, cases[i].level !=
		    REPORT_WARNING);
		assert_int_equal(s->retry, cases[i].retry);
		reading_free(&reading);
	}
}

static void
continuation_lines_and_indented_comments(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading, "# x\n\n5 stream tcp nowait\n\talice /bin/cat\n"
	    "  # comment\n   cat a\r\n\n#<off># 6 stream\n");
	assert_int_equal(strings_count(s->command.argv), 2);
	assert_string_equal(s->command.argv[1], "a");
	assert_int_equal(s->place.line, 3);
	reading_free(&reading);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_go_where_they_belong),
		cmocka_unit_test(wait_field_has_all_its_forms),
		cmocka_unit_test(addresses_and_families_choose_the_sockets),
		cmocka_unit_test(users_with_a_dot_are_tried_whole_first),
		cmocka_unit_test(rpc_names_and_versions_are_resolved),
		cmocka_unit_test(tcpmux_services_bind_nothing),
		cmocka_unit_test(
		    unix_sockets_have_a_path_and_perhaps_an_owner),
		cmocka_unit_test(aliases_and_numbers_find_internal_services),
		cmocka_unit_test(netbsd_definitions_become_the_same_service),
		cmocka_unit_test(
		    resolver_trouble_is_worth_a_retry_and_typing_errors_are_not),
		cmocka_unit_test(continuation_lines_and_indented_comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
