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
read_with_context(struct reading *reading, const char *text)
{
	struct loader loader = { .read = load_source,
		.context = &reading->context };
	struct source source;

	reports_init(&reading->reports);
	reading->conf = conf_new();
	loader.conf = reading->conf;
	loader.reports = &reading->reports;
	assert_int_equal(source_memory(&source, "f", text, strlen(text),
			     &reading->reports),
	    0);
	inetd_read(&loader, &source);
	source_free(&source);
}

static void
read_text(struct reading *reading, const char *text)
{
	fake_context(&reading->context);
	read_with_context(reading, text);
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
		fail_msg("%s: %s", text,
		    report_format(&reading->reports.list[0], buf, sizeof(buf)));
	assert_int_equal(reading->conf->count, 1);
	return reading->conf->services[0];
}

static void
fields_go_where_they_belong(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading,
	    "ftp stream tcp nowait alice:staff /bin/cat cat -u\n");
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
		{ "nowait:7", false, 7, LIMIT_UNSET, LIMIT_UNSET, LIMIT_UNSET },
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
		strcat(all,
		    addr_print(&s->endpoints[i].addr, buf, sizeof(buf)));
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
		{ "[::ffff:127.0.0.1]:5 stream tcp", "127.0.0.1:5" },
		{ "example:5 stream tcp46", "192.0.2.7:5 [2001:db8::7]:5*" },
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
	assert_int_equal(one(&reading,
			     "5 stream tcp nowait my.user /bin/cat cat\n")
			     ->command.uid,
	    2000);
	reading_free(&reading);
	assert_int_equal(one(&reading,
			     "5 stream tcp nowait alice.staff /bin/cat cat\n")
			     ->command.gid,
	    50);
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
	assert_string_equal(s->id, "tcpmux/who");
	reading_free(&reading);
	s = one(&reading,
	    "192.0.2.1:\ntcpmux/who stream tcp nowait alice /bin/cat cat\n");
	assert_int_equal(s->mux, MUX_PLAIN);
	assert_string_equal(s->id, "tcpmux/who");
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
	s = one(&reading,
	    ":alice:staff:0640:/run/x stream unix nowait alice /bin/cat cat\n");
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
	assert_string_equal(one(&reading, "7 stream tcp nowait root internal\n")
				->internal,
	    "echo");
	reading_free(&reading);
	assert_string_equal(one(&reading,
				"7007 dgram udp wait root internal echo\n")
				->internal,
	    "echo");
	assert_false(reading.conf->services[0]->wait);
	reading_free(&reading);
}

static void
netbsd_definitions_become_the_same_service(void **state)
{
	struct reading a, b;
	const struct service *s, *t;

	(void)state;
	s = one(&a,
	    "127.0.0.1:5 on # comment\n exec = /bin/cat, args = cat "
	    "\"a\\tb\" ,\n user = alice, group = staff, accept_max = 3,\n"
	    " service_max = 60, ip_max = 5, sndbuf = 16k;\n");
	t = one(&b,
	    "127.0.0.1:5 stream,3 tcp,sndbuf=16k nowait:60 "
	    "alice:staff /bin/cat cat 'a\tb'\n");
	b.conf->services[0]->limits = s->limits; /* ip_max is its own */
	assert_true(service_equal(s, t));
	assert_int_equal(s->limits.instances, 3);
	assert_int_equal(s->limits.rate.count, 60);
	assert_int_equal(s->limits.rate.seconds, 60);
	assert_int_equal(s->limits.source_rate.count, 5);
	reading_free(&a);
	reading_free(&b);
	s = one(&a,
	    "5 off exec = /bin/cat, args = cat, user = alice, "
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
		{ "5 stream tcp nowait slow /bin/cat cat", REPORT_UNSERVABLE,
		    true },
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
		assert_int_equal(reading.reports.list[0].level, cases[i].level);
		s = reading.conf->services[0];
		assert_int_equal(s->unservable,
		    cases[i].level != REPORT_WARNING);
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
	s = one(&reading,
	    "# x\n\n5 stream tcp nowait\n\talice /bin/cat\n"
	    "  # comment\n   cat a\r\n\n#<off># 6 stream\n");
	assert_int_equal(strings_count(s->command.argv), 2);
	assert_string_equal(s->command.argv[1], "a");
	assert_int_equal(s->place.line, 3);
	reading_free(&reading);
}

/* One text, and how the reports on it begin. */
struct complaint {
	const char *text;
	const char *reports[10];
};

static void
reports_are(const struct complaint *complaint)
{
	struct reading reading;
	char buf[512];
	size_t i;

	read_text(&reading, complaint->text);
	reports_sort(&reading.reports);
	for (i = 0; i < reading.reports.count; i++) {
		const char *expected = complaint->reports[i];

		report_format(&reading.reports.list[i], buf, sizeof(buf));
		if (expected == NULL ||
		    strncmp(buf, expected, strlen(expected)) != 0)
			fail_msg("%s, expected %s", buf,
			    expected != NULL ? expected : "nothing");
	}
	if (complaint->reports[i] != NULL)
		fail_msg("%s: expected %s", complaint->text,
		    complaint->reports[i]);
	reading_free(&reading);
}

static void
every_wrong_field_is_told_at_its_place(void **state)
{
	static const struct complaint complaints[] = {
		{ "fpt strem tcp nowiat bob bin/cat cat\n"
		  "5 stream tpc nowait alice:crew /bin/dog dog\n",
		    { "f:1:1: error: unknown service fpt/tcp",
			"f:1:5: error: unknown socket type strem, did you mean "
			"stream?",
			"f:1:15: error: nowiat: expected wait or nowait",
			"f:1:22: error: unknown user bob",
			"f:1:26: error: program bin/cat: expected an absolute path",
			"f:2:10: error: unknown protocol tpc, did you mean tcp?",
			"f:2:21: error: unknown group crew",
			"f:2:32: warning: program /bin/dog: No such" } },
		{ "\n5 stream tcp nowait\n",
		    { "f:2:1: error: too few fields: expected user after "
		      "\"nowait\"" } },
		{ "5 stream tcp nowait.5/3 alice /bin/cat cat",
		    { "f:1:14: error: nowait.5/3: expected wait or nowait" } },
		{ "5 stream tcp nowait alice. /bin/cat cat",
		    { "f:1:21: error: unknown user alice." } },
		{ "echo raw icmp wait root internal # x",
		    { "f:1:34: warning: comments need a line of" } },
		{ "7 stream tcp,rcvbuf=1k,sndbuf=x nowait alice /bin/cat cat",
		    { "f:1:10: error: sndbuf x: expected a size" } },
		{ "65536 stream tcp nowait alice /bin/cat cat",
		    { "f:1:1: error: port 65536 is out of range" } },
		{ "5 stream tcp nowait\n  alice internl\n",
		    { "f:2:9: error: unknown program internl, did you mean "
		      "internal?",
			"f:2:9: warning: argv[0] is missing" } },
		{ "5 stream tcp nowait alice internal ecko\n",
		    { "f:1:27: error: no internal service ecko" } },
		{ "5 stream tcp nowait alice/slow /bin/cat cat\n",
		    { "f:1:21: warning: login class slow has no effect" } },
		{ "5 stream tcp nowait :staff /bin/cat cat\n",
		    { "f:1:21: error: :staff: expected user or user:group" } },
		{ "5 stream tcp,rcvbuf=x nowait alice /bin/cat cat\n",
		    { "f:1:10: error: rcvbuf x: expected a size such as" } },
		{ "5 stream,3:http tcp nowait alice /bin/cat cat\n",
		    { "f:1:3: error: stream,3:http: accept filters" } },
		{ ",127.0.0.1:5 stream tcp nowait alice /bin/cat cat\n",
		    { "f:1:1: error: an address is missing in the list" } },
		{ ":5 stream tcp nowait alice /bin/cat cat\n",
		    { "f:1:1: error: :5: expected an address before",
			"f:1:1: error: an address is missing in the list" } },
		{ "rstatd/5-1 dgram rpc/udp wait alice /bin/cat cat\n",
		    { "f:1:1: error: RPC versions 5-1" } },
		{ ":alice:staff:999:/run/x stream unix nowait alice /bin/cat "
		  "cat\n",
		    { "f:1:1: error: socket_mode 999: expected an octal number" } },
		{ ":bob:staff:600:/run/x stream unix nowait alice /bin/cat "
		  "cat\n",
		    { "f:1:1: error: unknown user bob" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		reports_are(&complaints[i]);
}

static void
combinations_that_cannot_work_are_errors(void **state)
{
	static const struct complaint complaints[] = {
		{ "5 stream udp nowait alice /bin/cat cat",
		    { "f:1:3: error: socket type stream does not go" } },
		{ "5 dgram tcp wait alice /bin/cat cat",
		    { "f:1:3: error: socket type dgram does not go" } },
		{ "5 dgram udp nowait alice /bin/cat cat",
		    { "f:1:13: error: nowait does not go with" } },
		{ "icmp raw icmp nowait root /bin/cat cat",
		    { "f:1:15: error: nowait does not go with" } },
		{ "5 stream tcp wait/0/2 alice /bin/cat cat",
		    { "f:1:14: error: per-address limits" } },
		{ "5 stream tcp wait/0/0/2 alice /bin/cat cat",
		    { "f:1:14: error: per-address limits" } },
		{ "5 stream tcp wait/3 alice /bin/cat cat",
		    { "f:1:14: warning: a wait service has only one child" } },
		{ "127.0.0.1:5 stream tcp6 nowait alice /bin/cat cat",
		    { "f:1:1: error: address 127.0.0.1 is not of the" } },
		{ "rstatd/1 stream rpc/unix wait alice /bin/cat cat",
		    { "f:1:17: error: unknown protocol rpc/unix" } },
		{ "rstatd/1 raw rpc/icmp wait alice /bin/cat cat",
		    { "f:1:14: error: unknown protocol rpc/icmp" } },
		{ "tcpmux/x stream tcp wait alice /bin/cat cat",
		    { "f:1:21: error: a tcpmux service needs nowait" } },
		{ "tcpmux/x dgram udp wait alice /bin/cat cat",
		    { "f:1:16: error: a tcpmux service needs protocol tcp",
			"f:1:20: error: a tcpmux service needs nowait" } },
		{ "127.0.0.1:tcpmux/x stream tcp nowait alice /bin/cat cat",
		    { "f:1:1: error: a tcpmux service cannot have an address" } },
		{ "tcpmux/+ stream tcp nowait alice /bin/cat cat",
		    { "f:1:1: error: tcpmux/+: expected a name" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		reports_are(&complaints[i]);
}

static void
wrong_netbsd_definitions_are_told_at_their_place(void **state)
{
	static const struct complaint complaints[] = {
		{ "7 on\n usr = alice;\n7 off;\n",
		    { "f:2:2: error: unknown key usr, did you mean user?" } },
		{ "7 on user", { "f:1:1: error: missing \";\" at the end" } },
		{ "7 on", { "f:1:1: error: missing \";\" at the end" } },
		{ "7 on user = alice",
		    { "f:1:1: error: missing \";\" at the end" } },
		{ "7 on user alice;", { "f:1:11: error: expected \"=\"" } },
		{ "7 on user;\n7 off;", { "f:1:10: error: expected \"=\"" } },
		{ "7 on user = ;",
		    { "f:1:6: error: key user: expected a value" } },
		{ "7 on user = a b;",
		    { "f:1:6: error: key user: expected one" } },
		{ "7 on user = alice, user = root;",
		    { "f:1:20: error: key user is given twice" } },
		{ "7 on group = staff;",
		    { "f:1:14: error: group needs user" } },
		{ "5 on exec = /bin/cat, args = cat;",
		    { "f:1:1: error: user is missing" } },
		{ "7 on wait = maybe;",
		    { "f:1:13: error: wait maybe: expected yes or no" } },
		{ "7 on accept_max = x;",
		    { "f:1:19: error: key accept_max: x" } },
		{ "7 on sndbuf = x;",
		    { "f:1:15: error: sndbuf x: expected a size" } },
		{ "7 on ipsec = \"in ipsec\", acceptfilter = x;",
		    { "f:1:14: error: key ipsec is not supported",
			"f:1:41: error: key acceptfilter is not" } },
		{ "5 on exec = /bin/cat, args = cat, user = alice,\n"
		  "  wait = yes, ip_max = 3;",
		    { "f:2:24: error: per-address limits" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		reports_are(&complaints[i]);
}

static void
one_wrong_definition_does_not_hide_the_next_entry(void **state)
{
	struct reading reading;

	(void)state;
	read_text(&reading,
	    "5 on usr = alice;\n6 on exec = /bin/cat, args = "
	    "cat, user = alice;\n7 strm tcp nowait root internal\n"
	    "8 stream tcp nowait alice /bin/cat 'open\n"
	    "9 stream tcp nowait alice /bin/cat cat\n");
	assert_int_equal(reading.reports.count, 3);
	assert_int_equal(reading.conf->count, 3);
	assert_int_equal(reading.conf->services[0]->port, 6);
	assert_true(reading.conf->services[1]->unservable);
	assert_int_equal(reading.conf->services[2]->port, 9);
	reading_free(&reading);
}

static void
on_and_off_may_touch_what_follows(void **state)
{
	struct reading reading;

	(void)state;
	assert_false(one(&reading, "7 on;\n")->disabled);
	reading_free(&reading);
	assert_true(one(&reading, "7 off# x\n\n# y\n;\n")->disabled);
	reading_free(&reading);
	assert_string_equal(one(&reading, "7 on;")->internal, "echo");
	reading_free(&reading);
}

static void
lines_that_continue_a_switched_off_entry_are_off(void **state)
{
	static const struct complaint complaints[] = {
		{ "#<off># ftp stream tcp nowait root /bin/cat\n\tcat -l\n"
		  "  # more\n\tmore\n",
		    { NULL } },
		{ "#<off># ftp stream tcp nowait root /bin/cat\n\n\tcat -l\n",
		    { "f:3:2: error: this line is indented" } },
		{ "# ftp\n\tcat\n", { "f:2:2: error: this line is ind" } },
		{ "\tcat\n", { "f:1:2: error: this line is indented" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		reports_are(&complaints[i]);
}

static void
arguments_have_no_limit_and_keep_their_quotes_meaning(void **state)
{
	struct reading reading;
	const struct service *s;
	char text[4096] = "5 stream tcp nowait alice /bin/cat cat";

	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(text, " 'a b'");
	strcat(text, " x\"y z\"'w' \"\" ''");
	s = one(&reading, text);
	assert_int_equal(strings_count(s->command.argv), 304);
	assert_string_equal(s->command.argv[300], "a b");
	assert_string_equal(s->command.argv[301], "xy zw");
	assert_string_equal(s->command.argv[302], "");
	assert_string_equal(s->command.argv[303], "");
	reading_free(&reading);
}

static void
raw_and_sequenced_sockets_are_understood(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading, "icmp raw icmp wait root /bin/cat cat\n");
	assert_int_equal(s->socktype, SOCK_RAW);
	assert_int_equal(s->protocol, IPPROTO_ICMP);
	assert_int_equal(s->family, FAMILY_INET);
	assert_int_equal(s->port, 0);
	assert_int_equal(s->nendpoints, 1);
	reading_free(&reading);
	s = one(&reading, "/run/x seqpacket unix nowait root /bin/cat cat\n");
	assert_int_equal(s->socktype, SOCK_SEQPACKET);
	reading_free(&reading);
}

/* The only service of a text, which is read for a user that is not root. */
static const struct service *
unprivileged(struct reading *reading, const char *text)
{
	fake_context(&reading->context);
	reading->context.unprivileged = true;
	reading->context.our_uid = 1000;
	read_with_context(reading, text);
	assert_int_equal(reading->conf->count, 1);
	return reading->conf->services[0];
}

static void
without_privileges_only_our_own_user_is_served(void **state)
{
	static const struct {
		const char *text;
		bool served;
	} cases[] = {
		{ "5 stream tcp nowait alice /bin/cat cat", true },
		{ "5 stream tcp nowait root /bin/cat cat", false },
		{ "5 stream tcp nowait alice:staff /bin/cat cat", false },
		{ "5 stream tcp nowait root internal echo", true },
		{ ":alice::600:/x stream unix nowait alice /bin/cat cat",
		    true },
		{ ":root::600:/x stream unix nowait alice /bin/cat cat",
		    false },
	};
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct service *s = unprivileged(&reading, cases[i].text);

		if (s->unservable == cases[i].served)
			fail_msg("%s", cases[i].text);
		assert_false(s->command.change_user);
		reading_free(&reading);
	}
}

static void
command_line_speaks_where_lines_are_silent(void **state)
{
	struct reading reading;
	struct service **s;

	(void)state;
	fake_context(&reading.context);
	reading.context.address = "192.0.2.1";
	reading.context.env_keep = reading.context.libwrap = true;
	read_with_context(&reading,
	    "5 stream tcp nowait alice /bin/cat cat\n"
	    "127.0.0.1:\n6 stream tcp nowait root internal echo\n"
	    "*:\n7 stream tcp wait alice /bin/cat cat\n");
	/* the server of the last one accepts its connections itself */
	assert_int_equal(reading.reports.count, 1);
	assert_int_equal(reading.reports.list[0].place.line, 5);
	s = reading.conf->services;
	assert_string_equal(s[0]->id, "192.0.2.1:5/tcp");
	assert_true(s[0]->command.env_all);
	assert_true(s[0]->access.libwrap);
	assert_string_equal(s[1]->id, "127.0.0.1:6/tcp");
	assert_false(s[1]->access.libwrap);
	assert_string_equal(s[2]->id, "7/tcp");
	assert_int_equal(s[2]->nendpoints, 2);
	assert_false(s[2]->access.libwrap);
	reading_free(&reading);
}

static void
what_was_not_built_in_is_an_error(void **state)
{
	struct reading reading;

	(void)state;
	fake_context(&reading.context);
	reading.context.have_libwrap = reading.context.have_rpc = false;
	reading.context.libwrap = true;
	read_with_context(&reading,
	    "5 stream tcp nowait alice /bin/cat cat\n"
	    "rstatd/1 stream rpc/tcp wait alice /bin/cat cat\n");
	assert_int_equal(reports_at_least(&reading.reports, REPORT_UNSERVABLE),
	    2);
	assert_true(reading.conf->services[0]->unservable);
	assert_true(reading.conf->services[1]->unservable);
	reading_free(&reading);
}

static void
sockets_may_be_abstract_and_owned_by_numbers(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading, "@x stream unix nowait alice /bin/cat cat\n");
	assert_int_equal(s->nendpoints, 1);
	assert_string_equal(s->id, "@x/unix");
	reading_free(&reading);
	s = one(&reading,
	    ":12345:54321:600:/x stream unix nowait alice /bin/cat cat\n");
	assert_int_equal(s->node.uid, 12345);
	assert_int_equal(s->node.gid, 54321);
	reading_free(&reading);
}

static void
what_a_disabled_definition_lacks_is_not_told(void **state)
{
	struct reading reading;

	(void)state;
	assert_true(
	    one(&reading, "5 off exec = /bin/cat, args = cat, user = bob;")
		->disabled);
	reading_free(&reading);
	read_text(&reading, "5 off exec = /bin/cat, user = bob, wait = x;");
	assert_int_equal(reading.reports.list[0].level, REPORT_SYNTAX);
	reading_free(&reading);
}

/* As in the other dialects, the rest of the file is served. */
static void
an_unknown_internal_service_concerns_its_own_line(void **state)
{
	struct reading reading;

	(void)state;
	read_text(&reading, "5 stream tcp nowait alice internal ecko\n");
	assert_int_equal(reading.reports.count, 1);
	assert_int_equal(reading.reports.list[0].level, REPORT_UNSERVABLE);
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
		cmocka_unit_test(unix_sockets_have_a_path_and_perhaps_an_owner),
		cmocka_unit_test(aliases_and_numbers_find_internal_services),
		cmocka_unit_test(netbsd_definitions_become_the_same_service),
		cmocka_unit_test(
		    resolver_trouble_is_worth_a_retry_and_typing_errors_are_not),
		cmocka_unit_test(continuation_lines_and_indented_comments),
		cmocka_unit_test(every_wrong_field_is_told_at_its_place),
		cmocka_unit_test(combinations_that_cannot_work_are_errors),
		cmocka_unit_test(
		    wrong_netbsd_definitions_are_told_at_their_place),
		cmocka_unit_test(
		    one_wrong_definition_does_not_hide_the_next_entry),
		cmocka_unit_test(on_and_off_may_touch_what_follows),
		cmocka_unit_test(
		    lines_that_continue_a_switched_off_entry_are_off),
		cmocka_unit_test(
		    arguments_have_no_limit_and_keep_their_quotes_meaning),
		cmocka_unit_test(raw_and_sequenced_sockets_are_understood),
		cmocka_unit_test(
		    without_privileges_only_our_own_user_is_served),
		cmocka_unit_test(command_line_speaks_where_lines_are_silent),
		cmocka_unit_test(what_was_not_built_in_is_an_error),
		cmocka_unit_test(sockets_may_be_abstract_and_owned_by_numbers),
		cmocka_unit_test(what_a_disabled_definition_lacks_is_not_told),
		cmocka_unit_test(
		    an_unknown_internal_service_concerns_its_own_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
