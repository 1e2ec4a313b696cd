/* The reader of superd.conf: what each option becomes, what is reported. */
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "conf/acl.h"
#include "conf/attribute.h"
#include "conf/readers.h"
#include "conf/service.h"
#include "conf/xalloc.h"
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
	struct loader loader = { .read = load_source,
		.context = &reading->context };
	struct source source;

	fake_context(&reading->context);
	reports_init(&reading->reports);
	reading->conf = conf_new();
	loader.conf = reading->conf;
	loader.reports = &reading->reports;
	if (source_memory(&source, "f", text, strlen(text),
		&reading->reports) == 0) {
		superd_read(&loader, &source);
		source_free(&source);
	}
	reports_sort(&reading->reports);
}

static void
reading_free(struct reading *reading)
{
	conf_free(reading->conf);
	reports_free(&reading->reports);
	names_free(reading->context.names);
}

static void
no_reports(const struct reading *reading, const char *text)
{
	char buf[256];

	if (reading->reports.count > 0)
		fail_msg("%s: %s", text,
		    report_format(&reading->reports.list[0], buf, sizeof(buf)));
}

/* The only service of a text without reports. */
static const struct service *
one(struct reading *reading, const char *text)
{
	read_text(reading, text);
	no_reports(reading, text);
	assert_int_equal(reading->conf->count, 1);
	assert_false(reading->conf->services[0]->unservable);
	return reading->conf->services[0];
}

static const struct service *
named(const struct reading *reading, const char *id)
{
	const struct service *service = conf_find(reading->conf, id);

	if (service == NULL)
		fail_msg("no service %s", id);
	return service;
}

/* What sections become. */

static void
a_section_becomes_a_service(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading,
	    "\nservice ftp {\n\tserver = /bin/cat\n"
	    "\tserver_args = {-u, \"a b\"}\n\tuser = alice\n"
	    "\tgroup = staff\n}\n");
	assert_string_equal(s->id, "ftp");
	assert_string_equal(s->name, "ftp");
	assert_int_equal(s->dialect, DIALECT_SUPERD);
	assert_string_equal(s->place.file, "f");
	assert_int_equal(s->place.line, 2);
	assert_int_equal(s->socktype, SOCK_STREAM);
	assert_int_equal(s->protocol, IPPROTO_TCP);
	assert_string_equal(s->proto, "tcp");
	assert_int_equal(s->family, FAMILY_BOTH);
	assert_int_equal(s->port, 21);
	assert_int_equal(s->nendpoints, 2);
	assert_false(s->endpoints[0].optional);
	assert_true(s->endpoints[1].v6only);
	assert_true(s->endpoints[1].optional);
	assert_false(s->wait);
	assert_string_equal(s->command.argv[0], "cat");
	assert_string_equal(s->command.argv[1], "-u");
	assert_string_equal(s->command.argv[2], "a b");
	assert_null(s->command.argv[3]);
	assert_int_equal(s->command.uid, 1000);
	assert_int_equal(s->command.gid, 50);
	assert_int_equal(s->command.ngroups, 2);
	assert_true(s->command.change_user);
	assert_int_equal(s->command.umask, 022);
	assert_int_equal(s->limits.instances, LIMIT_UNSET);
	reading_free(&reading);
}

static void
behaviour_has_the_names_of_xinetd(void **state)
{
	struct reading reading;
	const struct service *s;
	const struct command *c;

	(void)state;
	s = one(&reading,
	    "service x { disable = yes name = ftp wait = yes\n"
	    "socket_type = dgram protocol = udp4 port = 99 server = /bin/cat "
	    "user = alice groups = no env = {\"A=b\"} passenv = {}\n"
	    "env_all = yes env_user = on env_peer = true "
	    "env_remote_host = yes umask = 077 nice = -5 chroot = /c "
	    "directory = /d stderr = log\n"
	    "rlimit_nofile = 10:20 rlimit_cpu = 1m rlimit_as = 1M:unlimited\n"
	    "multicast = {224.0.1.1, \"232.1.2.3@eth0 from 192.0.2.9\"}\n"
	    "interface = eth0 rcvbuf = 64k sndbuf = 1000 backlog = 7 "
	    "flags = {NODELAY, keepalive, NAMEINARGS} server_args = mouse }");
	c = &s->command;
	assert_true(s->disabled);
	assert_string_equal(s->name, "ftp");
	assert_true(s->wait);
	assert_int_equal(s->socktype, SOCK_DGRAM);
	assert_int_equal(s->family, FAMILY_INET);
	assert_int_equal(s->port, 99);
	assert_int_equal(c->ngroups, 0);
	assert_string_equal(c->env[0], "A=b");
	assert_true(c->passenv_set);
	assert_null(c->passenv);
	assert_true(
	    c->env_all && c->env_user && c->env_peer && c->env_remote_host);
	assert_int_equal(c->umask, 077);
	assert_true(c->nice_set);
	assert_int_equal(c->nice, -5);
	assert_string_equal(c->chroot, "/c");
	assert_string_equal(c->directory, "/d");
	assert_int_equal(c->stderr_to, STDERR_LOG);
	/* in the order of the lines */
	assert_int_equal(c->nrlimits, 3);
	assert_int_equal(c->rlimits[0].resource, RLIMIT_NOFILE);
	assert_int_equal(c->rlimits[0].soft, 10);
	assert_int_equal(c->rlimits[0].hard, 20);
	assert_int_equal(c->rlimits[1].soft, 60);
	assert_int_equal(c->rlimits[1].hard, 60);
	assert_int_equal(c->rlimits[2].soft, 1 << 20);
	assert_true(c->rlimits[2].hard == RLIM_INFINITY);
	assert_string_equal(s->interface, "eth0");
	assert_string_equal(s->multicast[1], "232.1.2.3@eth0 from 192.0.2.9");
	assert_null(s->multicast[2]);
	assert_int_equal(s->rcvbuf, 65536);
	assert_int_equal(s->sndbuf, 1000);
	assert_int_equal(s->backlog, 7);
	assert_true(s->nodelay && s->keepalive);
	assert_string_equal(c->argv[0], "mouse");
	assert_null(c->argv[1]);
	reading_free(&reading);
}

static void
socket_options_are_a_list(void **state)
{
	static const struct socket_option expected[] = { { OPTION_MARK, 7 },
		{ OPTION_TOS, 0x28 }, { OPTION_TTL, 255 },
		{ OPTION_TRANSPARENT, 1 }, { OPTION_DEFER_ACCEPT, 10 },
		{ OPTION_KEEPALIVE_TIME, 600 },
		{ OPTION_KEEPALIVE_INTERVAL, 5 },
		{ OPTION_KEEPALIVE_PROBES, 3 }, { OPTION_USER_TIMEOUT, 90 } };
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading,
	    "defaults { tos = ef freebind = yes user_timeout = 1m30s }\n"
	    "service ftp { server = /bin/cat user = alice ttl = 255\n"
	    "tos = af11 mark = 7 freebind = no transparent = yes\n"
	    "keepalive_probes = 3 keepalive_interval = 5s\n"
	    "keepalive_time = 10m defer_accept = 10 }");
	assert_int_equal(s->noptions, sizeof(expected) / sizeof(expected[0]));
	assert_memory_equal(s->options, expected, sizeof(expected));
	reading_free(&reading);
}

static void
socket_options_of_defaults_are_for_those_that_can_have_them(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading,
	    "defaults { ttl = 1 defer_accept = 5s }\n"
	    "service x { port = 7 internal = echo protocol = udp wait = yes\n"
	    "socket_type = dgram }");
	assert_int_equal(s->noptions, 1);
	assert_int_equal(s->options[0].option, OPTION_TTL);
	reading_free(&reading);
}

static void
rules_have_units_and_both_policies(void **state)
{
	struct reading reading;
	const struct service *s;
	const struct limits *l;

	(void)state;
	s = one(&reading,
	    "service ftp { server = /bin/cat user = alice\n"
	    "instances = 10 per_source = unlimited rate = 5/s "
	    "source_rate = 20 max_pause = 1m30s max_load = 2.5 "
	    "excess = refuse\n"
	    "only_from = {10.0.0.0/8, .example} no_access = 10.1.0.0\n"
	    "access_times = {\"8:00-12:00\", \"22:00-6:00\"} "
	    "libwrap = in.ftpd\n"
	    "banner = /a banner_success = /b banner_fail = /c }");
	l = &s->limits;
	assert_int_equal(l->instances, 10);
	assert_int_equal(l->per_source, LIMIT_NONE);
	assert_int_equal(l->rate.count, 5);
	assert_int_equal(l->rate.seconds, 1);
	assert_int_equal(l->source_rate.count, 20);
	assert_int_equal(l->source_rate.seconds, 60);
	assert_int_equal(l->max_pause, 90);
	assert_true(l->max_load > 2.4 && l->max_load < 2.6);
	assert_int_equal(l->excess, EXCESS_REFUSE);
	assert_true(s->access.only_from_set);
	assert_string_equal(s->access.only_from[1], ".example");
	assert_string_equal(s->access.no_access[0], "10.1.0.0");
	assert_non_null(s->access.acl);
	assert_int_equal(s->access.nhours, 2);
	assert_int_equal(s->access.hours[1].from, 22 * 60);
	assert_int_equal(s->access.hours[1].to, 6 * 60);
	assert_true(s->access.libwrap);
	assert_string_equal(s->access.libwrap_name, "in.ftpd");
	assert_string_equal(s->banner, "/a");
	assert_string_equal(s->banner_success, "/b");
	assert_string_equal(s->banner_fail, "/c");
	reading_free(&reading);
}

static void
an_empty_only_from_admits_nobody(void **state)
{
	struct reading reading;
	const struct service *s;
	struct addr addr;

	(void)state;
	s = one(&reading,
	    "service ftp { server = /bin/cat user = alice only_from = {} }");
	addr_parse_host("127.0.0.1", 0, &addr);
	assert_int_equal(acl_decide(s->access.acl, &addr), ACL_DENY);
	reading_free(&reading);
}

static void
rates_come_in_four_forms(void **state)
{
	static const struct {
		const char *text;
		unsigned count, seconds;
	} cases[] = {
		{ "100", 100, 60 },
		{ "100/m", 100, 60 },
		{ "5/s", 5, 1 },
		{ "1000/10m", 1000, 600 },
		{ "unlimited", LIMIT_NONE, 60 },
		{ "0", LIMIT_NONE, 60 },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;
		const struct service *s;

		snprintf(text, sizeof(text),
		    "service ftp { rate = %s internal = echo }", cases[i].text);
		s = one(&reading, text);
		assert_int_equal(s->limits.rate.count, cases[i].count);
		assert_int_equal(s->limits.rate.seconds, cases[i].seconds);
		reading_free(&reading);
	}
}

static void
globals_stand_outside_of_sections(void **state)
{
	struct reading reading;
	const struct globals *g;

	(void)state;
	read_text(&reading,
	    "pid_file = /run/p\ncontrol = \"/run/c\"\n"
	    "control_group = staff\nlog_type = {SYSLOG, local1, debug}\n"
	    "service ftp { internal = echo }\n"
	    "backlog = 5 max_children = 6 rate = 7/s source_rate = 8 "
	    "instances = 9 per_source = 10 strict = yes source_prefix = 24/56\n"
	    "log_peer = Hash log_format = JSON stop = Drain stop_timeout = 1m "
	    "load_timeout = 2m load_memory = 64M internal_processes = 64\n");
	no_reports(&reading, "globals");
	g = &reading.conf->globals;
	assert_string_equal(g->pid_file, "/run/p");
	assert_string_equal(g->control, "/run/c");
	assert_string_equal(g->control_group.name, "staff");
	assert_int_equal(g->control_group.gid, 50);
	assert_int_equal(g->log.kind, LOG_TO_SYSLOG);
	assert_int_equal(g->log.facility, LOG_LOCAL1);
	assert_int_equal(g->log.level, LOG_DEBUG);
	assert_int_equal(g->backlog, 5);
	assert_int_equal(g->max_children, 6);
	assert_int_equal(g->limits.rate.count, 7);
	assert_int_equal(g->limits.rate.seconds, 1);
	assert_int_equal(g->limits.source_rate.seconds, 60);
	assert_int_equal(g->limits.instances, 9);
	assert_int_equal(g->limits.per_source, 10);
	assert_int_equal(g->client_bits.v4, 24);
	assert_int_equal(g->client_bits.v6, 56);
	assert_int_equal(g->log_peer, LOG_PEER_HASH);
	assert_int_equal(g->log_format, LOG_FORMAT_JSON);
	assert_true(g->strict);
	assert_int_equal(g->load_timeout, 120);
	assert_int_equal(g->load_memory, 64 << 20);
	assert_int_equal(g->stop, STOP_DRAIN);
	assert_int_equal(g->stop_timeout, 60);
	assert_int_equal(g->internal_processes, 64);
	reading_free(&reading);
}

/* Where it listens. */

static void
listen_texts(const struct service *service, char *buf, size_t size)
{
	char text[ADDR_TEXT];
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < service->nendpoints && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s%s",
		    i > 0 ? " " : "",
		    addr_print(&service->endpoints[i].addr, text, sizeof(text)),
		    service->endpoints[i].optional ? "?" : "");
}

static void
listen_takes_every_form_of_address(void **state)
{
	static const struct {
		const char *text, *expected;
		unsigned port;
	} cases[] = {
		{ "port = 80", "0.0.0.0:80 [::]:80?", 80 },
		{ "port = ftp", "0.0.0.0:21 [::]:21?", 21 },
		{ "listen = {\"127.0.0.1:7001\", \"[::1]:7001\"}",
		    "127.0.0.1:7001 [::1]:7001", 7001 },
		{ "listen = \"*:20-22\" family = ipv4",
		    "0.0.0.0:20 0.0.0.0:21 0.0.0.0:22", 20 },
		{ "listen = {7001, \"8001-8002\"} family = ipv6",
		    "[::]:7001 [::]:8001 [::]:8002", 7001 },
		{ "listen = \":ftp\" family = dual", "[::]:21", 21 },
		{ "listen = \"example:99\"", "192.0.2.7:99 [2001:db8::7]:99",
		    99 },
		{ "listen = {\"::1\", \"192.0.2.1\"} port = 5",
		    "[::1]:5 192.0.2.1:5", 5 },
		{ "listen = \"192.0.2.1\" name = ftp", "192.0.2.1:21", 21 },
		{ "bind = {192.0.2.1, \"::1\"} listen = {5, 6}",
		    "192.0.2.1:5 [::1]:5 192.0.2.1:6 [::1]:6", 5 },
		{ "bind = 192.0.2.1 listen = {5, \"*:6\"} family = ipv4",
		    "192.0.2.1:5 0.0.0.0:6", 5 },
		{ "bind = \"192.0.2.1\" port = 5", "192.0.2.1:5", 5 },
		{ "port = 5 v6only = yes", "[::]:5", 5 },
		{ "port = 5 v6only = no", "[::]:5", 5 },
		{ "port = 5 flags = IPv4", "0.0.0.0:5", 5 },
		{ "port = 5 flags = {IPv6} v6only = yes", "[::]:5", 5 },
		{ "protocol = tcp4 port = 5", "0.0.0.0:5", 5 },
		{ "listen = {\"*:5\", \"0.0.0.0:5\", \"[::]:5\"}",
		    "0.0.0.0:5 [::]:5?", 5 },
		{ "listen = {\"/run/a\", \"@b\"}", "/run/a @b", 0 },
		{ "listen = /run/a socket_type = dgram wait = yes", "/run/a",
		    0 },
		{ "protocol = icmp wait = yes listen = 127.0.0.1",
		    "127.0.0.1:0", 0 },
		{ "type = RPC name = rstatd rpc_version = \"1-5\" "
		  "family = ipv4",
		    "0.0.0.0:0", 0 },
		{ "type = TCPMUX", "", 0 },
		{ "name = ftp", "0.0.0.0:21 [::]:21?", 21 },
	};
	char text[256], got[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;
		const struct service *s;

		snprintf(text, sizeof(text),
		    "service x { server = /bin/cat user = alice %s }",
		    cases[i].text);
		s = one(&reading, text);
		listen_texts(s, got, sizeof(got));
		if (strcmp(got, cases[i].expected) != 0 ||
		    s->port != cases[i].port)
			fail_msg("%s: %s, port %u", cases[i].text, got,
			    s->port);
		reading_free(&reading);
	}
}

static void
families_decide_what_a_wildcard_takes(void **state)
{
	static const struct {
		const char *text;
		enum family_choice family;
		bool v6only;
	} cases[] = {
		{ "v6only = yes", FAMILY_INET6, true },
		{ "v6only = no", FAMILY_DUAL, false },
		{ "flags = IPv6", FAMILY_DUAL, false },
		{ "family = ipv6", FAMILY_INET6, true },
		{ "family = dual", FAMILY_DUAL, false },
		{ "protocol = tcp46", FAMILY_DUAL, false },
		{ "protocol = tcp6", FAMILY_INET6, true },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;
		const struct service *s;

		snprintf(text, sizeof(text),
		    "service ftp { internal = echo %s }", cases[i].text);
		s = one(&reading, text);
		assert_int_equal(s->family, cases[i].family);
		assert_int_equal(s->nendpoints, 1);
		assert_int_equal(s->endpoints[0].v6only, cases[i].v6only);
		reading_free(&reading);
	}
}

static void
the_addresses_of_the_command_line_are_the_default(void **state)
{
	static const char text[] =
	    "service ftp { internal = echo }\n"
	    "service x { internal = echo listen = {5, \"*:6\"} }";
	struct reading reading;
	struct loader loader = { .read = load_source,
		.context = &reading.context };
	struct source source;
	char got[256];

	(void)state;
	fake_context(&reading.context);
	reading.context.address = "192.0.2.1,::1";
	reports_init(&reading.reports);
	loader.conf = reading.conf = conf_new();
	loader.reports = &reading.reports;
	source_memory(&source, "f", text, strlen(text), &reading.reports);
	superd_read(&loader, &source);
	source_free(&source);
	listen_texts(named(&reading, "ftp"), got, sizeof(got));
	assert_string_equal(got, "192.0.2.1:21 [::1]:21");
	listen_texts(named(&reading, "x"), got, sizeof(got));
	assert_string_equal(got, "192.0.2.1:5 [::1]:5 0.0.0.0:6 [::]:6?");
	reading_free(&reading);
}

static void
a_unix_socket_has_an_owner_and_a_mode(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading,
	    "service /run/a { server = /bin/cat user = root "
	    "socket_user = alice socket_group = 77 socket_mode = 0600 }");
	assert_int_equal(s->family, FAMILY_UNIX);
	assert_string_equal(s->proto, "unix");
	assert_true(s->node.owned);
	assert_int_equal(s->node.uid, 1000);
	assert_int_equal(s->node.gid, 77);
	assert_int_equal(s->node.mode, 0600);
	reading_free(&reading);
}

static void
an_id_may_tell_name_and_protocol(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading,
	    "service \"ftp/udp4\" { server = /bin/cat user = alice }");
	assert_string_equal(s->id, "ftp/udp4");
	assert_string_equal(s->name, "ftp");
	assert_int_equal(s->protocol, IPPROTO_UDP);
	assert_int_equal(s->family, FAMILY_INET);
	assert_int_equal(s->socktype, SOCK_DGRAM);
	assert_true(s->wait);
	reading_free(&reading);
}

/* Defaults. */

static void
a_list_may_lose_what_its_defaults_have(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	read_text(&reading,
	    "defaults { env = {\"A=1\", \"B=2\", \"C=3\"}\n"
	    "only_from = {10.0.0.0/8, 192.0.2.1} user = alice\n"
	    "log_on_success = {HOST, PID} env -= \"A=1\" }\n"
	    "service a { server = /bin/cat port = 1\n"
	    "only_from -= 10.0.0.0 env-=\"B=2\" env += {\"D=4\", \"E=5\"}\n"
	    "env -= {\"D=4\"} log_on_success -= {PID, HOST} }\n"
	    "service -b { server = /bin/cat port = 2 }\n");
	no_reports(&reading, "-=");
	s = named(&reading, "a");
	assert_string_equal(s->access.only_from[0], "192.0.2.1");
	assert_null(s->access.only_from[1]);
	assert_string_equal(s->command.env[0], "C=3");
	assert_string_equal(s->command.env[1], "E=5");
	assert_null(s->command.env[2]);
	assert_int_equal(s->log_on_success, 0);
	/* the defaults have what they had */
	s = named(&reading, "-b");
	assert_string_equal(s->command.env[0], "B=2");
	assert_string_equal(s->access.only_from[0], "10.0.0.0/8");
	assert_int_equal(s->log_on_success, LOGS_PID | LOGS_HOST);
	reading_free(&reading);
}

static void
wrong_defaults_are_told_once_with_the_number_of_services(void **state)
{
	struct reading reading;
	char buf[256];

	(void)state;
	read_text(&reading,
	    "defaults { umask = 999\nuser = nosuch }\n"
	    "service a { server = /bin/cat port = 1 }\n"
	    "service b { server = /bin/cat port = 2 }\n"
	    "service c { server = /bin/cat port = 3 user = alice }\n"
	    "service d { server = /bin/cat port = 4 umask = 7 }\n");
	assert_int_equal(reading.reports.count, 2);
	assert_string_equal(report_format(&reading.reports.list[0], buf,
				sizeof(buf)),
	    "f:1:20: error: umask 999: expected an octal number up to 0777 "
	    "(3 services)");
	assert_string_equal(report_format(&reading.reports.list[1], buf,
				sizeof(buf)),
	    "f:2:8: error: unknown user nosuch (3 services)");
	for (size_t i = 0; i < 4; i++)
		assert_true(reading.conf->services[i]->unservable);
	reading_free(&reading);
}

/* No service uses them. */
static void
defaults_are_checked_where_they_stand(void **state)
{
	static const struct {
		const char *text, *report;
	} cases[] = {
		{ "umask = 999",
		    "error: umask 999: expected an octal number up to 0777" },
		{ "rlimit_cpu = x",
		    "error: rlimit_cpu x: expected SOFT:HARD or one value for "
		    "both, each a number with a unit or unlimited" },
		{ "protocol = tpc",
		    "error: unknown protocol tpc, did you mean tcp?" },
		{ "socket_type = stram",
		    "error: unknown socket type stram, did you mean stream?" },
		{ "v6only = maybe", "error: v6only maybe: expected yes or no" },
		{ "groups = some",
		    "error: groups some: expected yes, no or all" },
		{ "cps = 5\nrate = 5/1s",
		    "error: cps and rate are mutually exclusive" },
		{ "only_from = 10.0.0.1/8",
		    "warning: 10.0.0.1/8: the bits after the prefix have no "
		    "effect" },
		{ "flags = LABELED",
		    "error: LABELED: not supported by superd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;
		char text[128], buf[256], *colon;

		snprintf(text, sizeof(text), "defaults { %s }\n",
		    cases[i].text);
		read_text(&reading, text);
		if (reading.reports.count != 1)
			fail_msg("%s: %zu reports", text,
			    reading.reports.count);
		report_format(&reading.reports.list[0], buf, sizeof(buf));
		colon = strchr(buf, ' ');
		assert_non_null(colon);
		assert_string_equal(colon + 1, cases[i].report);
		reading_free(&reading);
	}
}

static void
defaults_reach_services_above_and_below(void **state)
{
	struct reading reading;

	(void)state;
	read_text(&reading,
	    "service a { internal = echo port = 1 }\n"
	    "defaults { instances = 7 user = alice env = {\"A=1\"} "
	    "rate = 5/s flags = NODELAY rlimit_as = 1M }\n"
	    "service b { internal = echo port = 2 instances = 8 "
	    "env += {\"B=2\"} cps = {9, 10s} rlimit_core = 0 }\n"
	    "service c { internal = echo port = 3 env = {\"C=3\"} flags = {} }");
	no_reports(&reading, "defaults");
	assert_int_equal(named(&reading, "a")->limits.instances, 7);
	assert_int_equal(named(&reading, "a")->limits.rate.count, 5);
	assert_string_equal(named(&reading, "a")->command.user, "alice");
	assert_true(named(&reading, "a")->nodelay);
	assert_int_equal(named(&reading, "b")->limits.instances, 8);
	assert_string_equal(named(&reading, "b")->command.env[0], "A=1");
	assert_string_equal(named(&reading, "b")->command.env[1], "B=2");
	/* cps is another word for rate */
	assert_int_equal(named(&reading, "b")->limits.rate.count, 9);
	assert_int_equal(named(&reading, "b")->limits.max_pause, 10);
	assert_int_equal(named(&reading, "b")->command.rlimits[0].resource,
	    RLIMIT_AS);
	assert_int_equal(named(&reading, "b")->command.nrlimits, 2);
	assert_string_equal(named(&reading, "c")->command.env[0], "C=3");
	assert_null(named(&reading, "c")->command.env[1]);
	assert_false(named(&reading, "c")->nodelay);
	reading_free(&reading);
}

/* Disabled ones are read, but nothing is missing in them. */
static void
a_disabled_service_may_be_incomplete(void **state)
{
	struct reading reading;
	const struct service *s;

	(void)state;
	s = one(&reading, "service nosuch { disable = yes }");
	assert_true(s->disabled);
	assert_int_equal(s->nendpoints, 0);
	reading_free(&reading);
	one(&reading,
	    "service ftp { disable = yes user = nosuch "
	    "server = /nosuch flags = SENSOR bind = nosuch.example }");
	reading_free(&reading);
	read_text(&reading,
	    "service nosuch { disable = yes umask = 9 listen = \"[::1\" }");
	assert_int_equal(reading.reports.count, 2);
	assert_true(named(&reading, "nosuch")->unservable);
	reading_free(&reading);
}

/* Texts. */

static void
quotes_and_escapes_give_any_text(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "A=b", "A=b" },
		{ "'A=$b ${c} \"'", "A=$b ${c} \"" },
		{ "'A=it\\'s'", "A=it's" },
		{ "\"A=\\\"\\\\\\$\\x09\"", "A=\"\\$\t" },
		{ "\"A=${SUPERD_TEST}\"", "A=value" },
		{ "\"A=${SUPERD_UNSET:-other}\"", "A=other" },
		{ "\"A=${SUPERD_UNSET}\"", "A=" },
		{ "\"A=#no // comment /* here */\"",
		    "A=#no // comment /* here */" },
		{ "\"A={},=\"", "A={},=" },
		{ "'A=\xc3\xa4'", "A=\xc3\xa4" },
	};
	char text[128];

	(void)state;
	setenv("SUPERD_TEST", "value", 1);
	unsetenv("SUPERD_UNSET");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;

		snprintf(text, sizeof(text),
		    "service ftp { internal = echo env = {%s} }",
		    cases[i].text[0] == 'A' ? "\"A=b\"" : cases[i].text);
		assert_string_equal(one(&reading, text)->command.env[0],
		    cases[i].expected);
		reading_free(&reading);
	}
}

static void
comments_stand_anywhere(void **state)
{
	struct reading reading;

	(void)state;
	one(&reading,
	    "# one\nservice /* two */ ftp { // three\n"
	    "\tinternal = # four\n\techo /* five\n*/ env = {\"A=1\", # six\n"
	    "\"B=2\" /* seven */, }\n}\n// eight");
	assert_int_equal(strings_count(reading.conf->services[0]->command.env),
	    2);
	reading_free(&reading);
}

static void
lines_may_end_with_a_carriage_return(void **state)
{
	struct reading reading;

	(void)state;
	one(&reading,
	    "\xef\xbb\xbfservice ftp {\r\n\tinternal = echo\r\n"
	    "\tenv = {\"A=1\",\r\n\t\"B=2\"}\r\n}\r\n");
	assert_string_equal(reading.conf->services[0]->command.env[1], "B=2");
	reading_free(&reading);
}

/* Reports. */

struct complaint {
	const char *text, *expected;
};

/* The first report of each text. */
static void
all_complain(const struct complaint *cases, size_t count)
{
	char got[512];

	for (size_t i = 0; i < count; i++) {
		struct reading reading;

		read_text(&reading, cases[i].text);
		if (reading.reports.count == 0)
			fail_msg("no report: %s", cases[i].text);
		report_format(&reading.reports.list[0], got, sizeof(got));
		if (strncmp(got, cases[i].expected,
			strlen(cases[i].expected)) != 0)
			fail_msg("%s\n got: %s\nnot: %s", cases[i].text, got,
			    cases[i].expected);
		reading_free(&reading);
	}
}

#define ECHO "service ftp { internal = echo\n"

static void
what_is_misspelt_is_reported_with_its_column(void **state)
{
	static const struct complaint cases[] = {
		{ "ratt = 5",
		    "f:1:1: error: unknown option ratt, did you mean rate?" },
		{ ECHO "  instanses = 5 }",
		    "f:2:3: error: unknown option "
		    "instanses, did you mean instances?" },
		{ "# c\n/* c\n */ // c\n" ECHO "\tumask = 999 }",
		    "f:5:10: error: umask 999: expected an octal number up "
		    "to 0777" },
		{ ECHO "env = {\"A=1\",\n  B} }",
		    "f:3:3: error: env B: expected NAME=value" },
		{ ECHO "protocol = tpc }",
		    "f:2:12: error: unknown protocol tpc, did you mean tcp?" },
		{ ECHO "socket_type = strem }",
		    "f:2:15: error: unknown "
		    "socket type strem, did you mean stream?" },
		{ ECHO "flags = NODELAX }",
		    "f:2:9: error: flags: unknown "
		    "word NODELAX, did you mean NODELAY?" },
		{ ECHO "excess = refuze }",
		    "f:2:10: error: excess: unknown "
		    "word refuze, did you mean refuse?" },
		{ ECHO "family = ipv5 }",
		    "f:2:10: error: family: unknown word ipv5" },
		{ ECHO "wait = maybe }",
		    "f:2:8: error: wait maybe: expected yes or no" },
		{ ECHO "groups = maybe }",
		    "f:2:10: error: groups maybe: expected yes, no or all" },
		{ ECHO "instances = 0x10 }",
		    "f:2:13: error: instances 0x10: expected a number" },
		{ ECHO "instances = -1 }", "f:2:13: error: instances -1" },
		{ ECHO "rate = 5/0s }", "f:2:8: error: rate 5/0s" },
		{ ECHO "rate = 5/ }", "f:2:8: error: rate 5/" },
		{ ECHO "max_load = nan }", "f:2:12: error: max_load nan" },
		{ ECHO "nice = 20 }", "f:2:8: error: nice 20" },
		{ ECHO "tos = 256 }",
		    "f:2:7: error: tos 256: expected a number up to 255, or a "
		    "class such as cs1, af21 or ef" },
		{ ECHO "tos = af44 }", "f:2:7: error: tos af44" },
		{ ECHO "tos = cs8 }", "f:2:7: error: tos cs8" },
		{ ECHO "ttl = 0 }", "f:2:7: error: ttl 0" },
		{ ECHO "mark = 0 }", "f:2:8: error: mark 0" },
		{ ECHO "freebind = maybe }", "f:2:12: error: freebind maybe" },
		{ ECHO "keepalive_time = 10h }",
		    "f:2:18: error: keepalive_time 10h" },
		{ ECHO "keepalive_probes = 128 }",
		    "f:2:20: error: keepalive_probes 128" },
		{ ECHO "user_timeout = 0 }", "f:2:16: error: user_timeout 0" },
		{ "service x { port = 7 internal = echo protocol = udp\n"
		  "socket_type = dgram wait = yes\ndefer_accept = 1s }",
		    "f:3:16: error: defer_accept does not go with this socket: "
		    "expected a TCP service" },
		{ "service x { listen = /run/x internal = echo\nttl = 1 }",
		    "f:2:7: error: ttl does not go with this socket: expected "
		    "a service with IP addresses" },
		{ ECHO "rcvbuf = 3G }", "f:2:10: error: rcvbuf 3G" },
		{ ECHO "rlimit_as = 2M:1M }",
		    "f:2:13: error: rlimit_as 2M:1M" },
		{ ECHO "access_times = \"25:00-26:00\" }",
		    "f:2:16: error: access_times 25:00-26:00" },
		{ ECHO "deny_time = 60 }",
		    "f:2:13: error: deny_time 60: expected whole minutes" },
		{ ECHO "deny_time = 90s }", "f:2:13: error: deny_time 90s" },
		{ ECHO "deny_time = 60m }",
		    "f:2:13: warning: deny_time has no effect without flag "
		    "SENSOR" },
		{ ECHO "flags = SENSOR deny_time = 1h }",
		    "f:2:9: error: flag SENSOR takes no server" },
		{ "service ftp { flags = SENSOR }",
		    "f:1:23: warning: "
		    "SENSOR: nobody is denied without deny_time" },
		{ "service ftp { flags = SENSOR deny_time = 1h only_from = "
		  "10.0.0.1 }",
		    "f:1:57: warning: only_from has no effect with flag "
		    "SENSOR" },
		{ "service ftp { protocol = udp flags = SENSOR deny_time = "
		  "forever }",
		    "f:1:57: warning: deny_time: senders of" },
		{ ECHO "protocol = udp flags = IDONLY }",
		    "f:2:24: error: IDONLY: the client's user can" },
		{ "service /run/x { internal = echo flags = IDONLY }",
		    "f:1:42: error: IDONLY: the client's user" },
		{ "service 113 { internal = echo flags = IDONLY }",
		    "f:1:39: error: IDONLY: the client's user" },
		{ ECHO "protocol = udp log_on_failure = USERID }",
		    "f:2:33: warning: USERID: the client's user" },
		{ ECHO "log_type = {SYSLOG, nosuch} }",
		    "f:2:21: error: log_type nosuch: expected a syslog "
		    "facility" },
		{ "log_type = {SYSLOG, nosuch}",
		    "f:1:21: error: log_type nosuch: expected a syslog "
		    "facility" },
		{ "log_facility = nosuch",
		    "f:1:16: error: log_facility nosuch" },
		{ ECHO "chroot = here }",
		    "f:2:10: error: chroot here: expected an absolute path" },
		{ ECHO "multicast = 192.0.2.1 }",
		    "f:2:13: error: multicast 192.0.2.1: expected a "
		    "multicast address as GROUP, GROUP@INTERFACE or GROUP "
		    "from SOURCE" },
		{ ECHO "interface = 127.0.0.1 }",
		    "f:2:13: error: interface 127.0.0.1: expected the name "
		    "of a network device" },
		{ ECHO "port = 70000 }",
		    "f:2:8: error: port 70000 is out of range" },
		{ ECHO "listen = \"*:9-8\" }",
		    "f:2:10: error: ports 9-8: expected LOW-HIGH" },
		{ ECHO "listen = \"*:1-10000\" }",
		    "f:2:1: error: listen: more than 10000 sockets" },
		{ ECHO "listen = \"127.0.0.1:\" }",
		    "f:2:10: error: listen 127.0.0.1:: expected ADDRESS:PORT" },
		{ ECHO "listen = \"[::1\" }", "f:2:10: error: listen [::1" },
		{ ECHO "listen = {5, /run/x} }",
		    "f:2:14: error: listen /run/x: expected ADDRESS:PORT" },
	};

	(void)state;
	all_complain(cases, sizeof(cases) / sizeof(cases[0]));
}

static void
what_libconfuse_would_pass_over_is_reported(void **state)
{
	static const struct complaint cases[] = {
		{ "service ftp {\n internal = echo",
		    "f:1:13: error: this brace is not closed" },
		{ "include = \"a\n",
		    "f:1:11: error: this quote is not closed" },
		{ "/* c\nstrict = yes",
		    "f:1:1: error: this comment is not closed" },
		{ ECHO "listen = *:80 }",
		    "f:2:10: error: the character * needs quotes" },
		{ "include = a+b",
		    "f:1:12: error: the character + needs quotes" },
		{ ECHO "env = {A=1} }",
		    "f:2:9: error: expected a value, a comma or a closing "
		    "brace in the list of env: quote a value with = in it" },
		{ "include = ${A}",
		    "f:1:11: error: a variable needs double quotes" },
		{ "include = \"${A\"",
		    "f:1:12: error: this variable is not closed" },
		{ "include = \"${A:-\"x\"}\"",
		    "f:1:12: error: this variable is not closed" },
		{ "include = \"a\\x00b\"",
		    "f:1:14: error: \\x00 is not allowed" },
		{ "include = \"a\\0b\"", "f:1:14: error: escapes with digits" },
		{ "include = \"a\\xg\"",
		    "f:1:14: error: expected two hexadecimal" },
		{ "include = {a b}",
		    "f:1:14: error: expected a value, a comma or a closing "
		    "brace in the list of include" },
		{ "include = {a,,b}",
		    "f:1:14: error: expected a value, a comma" },
		{ "include = {a,\n{b}}",
		    "f:2:1: error: expected a value, a comma" },
		{ "pid_file = a b", "f:1:15: error: expected =, += or -=" },
		{ "include a",
		    "f:1:9: error: expected =, += or -= after include" },
		{ "defaults { only_from = 10.0.0.1 }\n" ECHO
		  "only_from -= 10.0.0.2 }",
		    "f:3:14: error: only_from: 10.0.0.2 is not in the list" },
		{ ECHO "env -= \"A=1\" }",
		    "f:2:8: error: env: A=1 is not in the list" },
		{ "defaults { type -= UNLISTED }",
		    "f:1:12: error: type cannot have a default" },
		{ ECHO "nice -= 1 }", "f:2:1: error: nice takes one value" },
		{ "defaults { bind = 127.0.0.1 }\n" ECHO "bind -= 127.0.0.1 }",
		    "f:3:1: error: bind: nothing is left" },
		{ "rate =", "f:1:7: error: expected a value for rate" },
		{ "rate = {5}\nrate = 6",
		    "f:2:1: error: rate is already given in line 1" },
		{ "rate += 5", "f:1:1: error: rate takes one value" },
		{ "rate = {5, 6}", "f:1:1: error: rate: expected one value" },
		{ ECHO "cps = {1,2,3} }",
		    "f:2:1: error: cps: wrong number of values" },
		{ ECHO "redirect = a }",
		    "f:2:1: error: redirect: expected two values" },
		{ "service { rate = 5 }",
		    "f:1:9: error: expected a name after service" },
		{ "service a b { }", "f:1:11: error: expected {" },
		{ "service \"\" { disable = yes }",
		    "f:1:9: error: id: expected a non-empty string" },
		{ ECHO "service x { } }",
		    "f:2:1: error: a section cannot contain another one" },
		{ ECHO "id = x }",
		    "f:2:1: error: the title of a section is its id" },
		{ ECHO "include = x }",
		    "f:2:1: error: include belongs outside sections" },
		{ "user = x", "f:1:1: error: user belongs in a section" },
		{ "defaults { port = 5 }",
		    "f:1:12: error: port cannot have a default" },
		{ "defaults { }\ndefaults { }",
		    "f:2:1: error: defaults are already given in line 1" },
		{ "rate = 5 }", "f:1:10: error: \"}\" without an open brace" },
		{ "\"rate\" = 5",
		    "f:1:1: error: expected the name of an option" },
		{ "{ }", "f:1:1: error: expected the name of an option" },
		{ "rate = \x01",
		    "f:1:8: error: the character \\x01 is not allowed" },
	};

	(void)state;
	all_complain(cases, sizeof(cases) / sizeof(cases[0]));
}

static void
what_does_not_go_together_is_reported(void **state)
{
	static const struct complaint cases[] = {
		{ "service ftp { server = /bin/cat }",
		    "f:1:1: error: user is missing" },
		{ "service ftp { user = alice }",
		    "f:1:1: error: no server, internal" },
		{ ECHO "server = /bin/cat user = root }",
		    "f:1:1: error: server, internal and redirect are "
		    "mutually exclusive" },
		{ ECHO "protocol = udp socket_type = stream }",
		    "f:2:30: "
		    "error: socket type stream does not go with protocol udp" },
		{ ECHO "socket_type = raw }",
		    "f:2:15: error: socket type "
		    "raw does not go with protocol tcp" },
		{ "service ftp { server = /bin/cat user = root "
		  "socket_type = dgram wait = no }",
		    "f:1:72: error: wait "
		    "= no does not go with socket type dgram: each datagram" },
		{ "service ftp { server = /bin/cat user = root wait = yes "
		  "only_from = host.example }",
		    "f:1:68: error: only_from "
		    "and no_access cannot be honoured with wait = yes: the "
		    "kernel checks" },
		{ "service ftp { server = /bin/cat user = root wait = yes "
		  "listen = /run/x no_access = 10.0.0.0 }",
		    "f:1:84: "
		    "error: only_from and no_access cannot be honoured with "
		    "wait = yes: the server accepts connections" },
		{ ECHO "multicast = 224.0.1.1 }",
		    "f:2:13: error: only "
		    "datagrams are sent to a multicast group" },
		{ ECHO "bind = 224.0.1.1 }",
		    "f:2:8: error: only datagrams are "
		    "sent to a multicast group" },
		{ ECHO "protocol = udp family = ipv4 multicast = ff02::fb }",
		    "f:2:42: error: multicast ff02::fb: none of these "
		    "sockets receives its datagrams" },
		{ ECHO "protocol = udp bind = 192.0.2.1 multicast = 224.0.1.1 "
		       "}",
		    "f:2:45: error: multicast 224.0.1.1: none of these "
		    "sockets" },
		{ ECHO "cps = 5 rate = 6 }",
		    "f:2:7: error: cps and rate are mutually exclusive" },
		{ ECHO "protocol = udp libwrap = yes }",
		    "f:2:26: error: hosts.allow and hosts.deny cannot be "
		    "consulted" },
		{ "defaults { libwrap = yes }\n" ECHO "protocol = udp }",
		    "f:1:22: error: hosts.allow and hosts.deny cannot be "
		    "consulted" },
		{ ECHO "libwrap = x flags = NOLIBWRAP }",
		    "f:2:11: error: libwrap and flag NOLIBWRAP are mutually "
		    "exclusive" },
		{ ECHO "group = staff }", "f:2:9: error: group needs user" },
		{ ECHO "listen = /run/x socket_group = staff }",
		    "f:2:32: error: socket_group needs socket_user" },
		{ "service x { internal = echo protocol = unix }",
		    "f:1:1: error: listen is missing" },
		{ ECHO "type = TCPMUX port = 5 }",
		    "f:2:22: error: a tcpmux service cannot have a port" },
		{ ECHO "type = TCPMUX bind = 192.0.2.1 }",
		    "f:2:22: error: a tcpmux service cannot have an address" },
		{ ECHO "type = TCPMUX protocol = rpc/tcp }",
		    "f:2:26: error: a tcpmux service needs protocol tcp" },
		{ "service rstatd { server = /bin/cat user = root protocol = "
		  "rpc/icmp rpc_version = 1 }",
		    "f:1:59: error: unknown protocol rpc/icmp" },
		{ "service ftp { server = /bin/cat user = root type = "
		  "TCPMUX wait = yes }",
		    "f:1:66: error: a tcpmux service needs wait = no" },
		{ "service rstatd { server = /bin/cat user = root type = RPC "
		  "}",
		    "f:1:1: error: rpc_version is missing" },
		{ "service ftp { redirect = {192.0.2.1, 0} }",
		    "f:1:38: error: redirect: expected a port from 1" },
		{ "service ftp { server = /bin/cat user = root process = own }",
		    "f:1:55: error: process = own is available only for "
		    "internal and redirected services" },
		{ ECHO "process = mine }",
		    "f:2:11: error: process: unknown word mine" },
		{ ECHO "}\ninternal_processes = 65",
		    "f:3:22: error: internal_processes 65: expected a number "
		    "from 1 to 64" },
		{ ECHO "}\ninternal_processes = 0",
		    "f:3:22: error: internal_processes 0: expected a number" },
		{ ECHO "flags = LABELED }",
		    "f:2:9: error: LABELED: not supported by superd" },
	};

	(void)state;
	all_complain(cases, sizeof(cases) / sizeof(cases[0]));
}

/* Names that the host does not know concern one entry only. */
static void
unknown_names_leave_the_rest_in_service(void **state)
{
	static const char *const texts[] = {
		"user = nosuch",
		"user = alice group = nosuch",
		"listen = \"nosuch.example:5\"",
		"name = nosuch",
		"listen = \"*:nosuch\"",
		"only_from = 10.0.0.0/33",
		"listen = /x socket_user = nosuch",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reading reading;

		snprintf(text, sizeof(text),
		    "service ftp { internal = echo "
		    "%s }\nservice b { internal = echo port = 5 }",
		    texts[i]);
		read_text(&reading, text);
		assert_int_equal(reading.reports.count, 1);
		assert_int_equal(reading.reports.list[0].level,
		    REPORT_UNSERVABLE);
		assert_true(named(&reading, "ftp")->unservable);
		assert_false(named(&reading, "b")->unservable);
		reading_free(&reading);
	}
}

static void
resolver_trouble_is_worth_a_retry(void **state)
{
	struct reading reading;

	(void)state;
	read_text(&reading, ECHO "listen = \"slow.example:5\" }");
	assert_true(named(&reading, "ftp")->retry);
	reading_free(&reading);
}

static void
every_problem_is_reported_and_the_rest_is_read(void **state)
{
	struct reading reading;

	(void)state;
	read_text(&reading,
	    "bogus = 1\nservice a { internal = echo\n"
	    "port 5\nport = 6\nusr = x\numask = 9\nenv = {a, b\nc}\n"
	    "nice = 3 nice = 4\n\"x\" = 1\n}\nrate = x\n"
	    "service b { internal = echo port = 7 }\nbackloc = 5\n");
	assert_int_equal(reading.reports.count, 9);
	assert_int_equal(reports_at_least(&reading.reports, REPORT_SYNTAX), 9);
	assert_int_equal(named(&reading, "a")->port, 6);
	assert_true(named(&reading, "a")->unservable);
	assert_int_equal(named(&reading, "a")->command.nice, 3);
	assert_false(named(&reading, "b")->unservable);
	reading_free(&reading);
}

static void
an_open_brace_hides_no_other_error(void **state)
{
	static const struct {
		const char *texts[7];
	} cases[] = {
		{ { "strict = yes\nservice a { internal = echo port = 4 }\n"
		    "service b { internal = ecko\n"
		    "service c { internal = echo port = 99999\nunknwn = 1 }\n"
		    "servce d { port = 5 }\n",
		    "f:3:11: error: this brace is not closed",
		    "f:3:24: error: no internal service ecko",
		    "f:4:1: error: a section cannot contain another one",
		    "f:4:36: error: port 99999 is out of range",
		    "f:5:1: error: unknown option unknwn",
		    "f:6:1: error: unknown section servce, did you mean service?" } },
		{ { "service a { internal = echo port = 4 }\n"
		    "service b { internal = echo port = \"5\n"
		    "umask = 999 }\n",
		    "f:2:11: error: this brace is not",
		    "f:2:36: error: this quote is not closed", NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;
		char got[256];
		size_t n;

		read_text(&reading, cases[i].texts[0]);
		for (n = 0; n < 6 && cases[i].texts[n + 1] != NULL; n++) {
			assert_in_range(n, 0, reading.reports.count - 1);
			report_format(&reading.reports.list[n], got,
			    sizeof(got));
			if (strncmp(got, cases[i].texts[n + 1],
				strlen(cases[i].texts[n + 1])) != 0)
				fail_msg("%s\nnot %s", got,
				    cases[i].texts[n + 1]);
		}
		assert_int_equal(reading.reports.count, n);
		assert_int_equal(reading.reports.list[0].level, REPORT_LOST);
		assert_false(named(&reading, "a")->unservable);
		assert_true(named(&reading, "b")->unservable);
		reading_free(&reading);
	}
}

/* What it would have closed must not be open. */
static void
nobody_is_served_by_halves_of_defaults(void **state)
{
	static const char *const texts[] = {
		"service a { internal = echo port = 4 }\n"
		"defaults { only_form = 10.0.0.1 }\n",
		"service a { internal = echo port = 4 }\n"
		"defaults { only_from = {10.0.0.1 }\n",
		"service a { internal = echo port = 4 }\n"
		"defaults { only_from = 10.0.0.1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reading reading;

		read_text(&reading, texts[i]);
		if (!named(&reading, "a")->unservable)
			fail_msg("%s", texts[i]);
		reading_free(&reading);
	}
}

/* Files. */

static char directory[] = "/tmp/test_superdconf.XXXXXX";

static char *
write_file(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", directory, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

static void
load(struct reading *reading, const char *path)
{
	fake_context(&reading->context);
	reports_init(&reading->reports);
	reading->conf = conf_load(path, NULL, &reading->context,
	    &reading->reports);
}

static void
remove_file(char *path)
{
	unlink(path);
	free(path);
}

static void
included_files_share_the_defaults(void **state)
{
	struct reading reading;
	char *main_file, *a, *b, *c;

	(void)state;
	assert_non_null(mkdtemp(directory));
	a = write_file("a.part", "service a { internal = echo port = 1 }");
	b = write_file("b.part",
	    "defaults { instances = 8 }\n"
	    "service b { internal = echo port = 2 }");
	c = write_file("c.inetd", "9 stream tcp nowait alice /bin/cat cat\n");
	main_file = write_file("main",
	    "include = {\"*.part\", 'none*'}\n"
	    "inetd_conf = c.inetd\n"
	    "defaults { instances = 7 user = alice }\n"
	    "service m { internal = echo port = 3 }");
	load(&reading, main_file);
	no_reports(&reading, "includes");
	assert_int_equal(reading.conf->count, 4);
	assert_int_equal(named(&reading, "m")->limits.instances, 7);
	assert_int_equal(named(&reading, "a")->limits.instances, 7);
	assert_int_equal(named(&reading, "b")->limits.instances, 8);
	assert_string_equal(named(&reading, "b")->command.user, "alice");
	assert_int_equal(named(&reading, "9/tcp")->limits.instances,
	    LIMIT_NONE);
	assert_string_equal(named(&reading, "a")->place.file, a);
	reading_free(&reading);
	remove_file(main_file);
	remove_file(a);
	remove_file(b);
	remove_file(c);
	rmdir(directory);
}

/* libconfuse's own include keeps a level for each failure. */
static void
failed_includes_leave_nothing_behind(void **state)
{
	struct reading reading;
	char *main_file, *part;

	(void)state;
	memcpy(strrchr(directory, '.'), ".XXXXXX", 7);
	assert_non_null(mkdtemp(directory));
	part = write_file("part", "service a { internal = echo port = }");
	main_file = write_file("main", "include = part");
	for (int i = 0; i < 30; i++) {
		load(&reading, main_file);
		assert_int_equal(reading.reports.count, 1);
		reading_free(&reading);
	}
	free(write_file("part", "service a { internal = echo port = 5 }"));
	load(&reading, main_file);
	no_reports(&reading, "after failures");
	reading_free(&reading);
	free(write_file("part", "include = main"));
	load(&reading, main_file);
	assert_int_equal(reading.reports.count, 1);
	assert_non_null(
	    strstr(reading.reports.list[0].text, "is already being read"));
	reading_free(&reading);
	remove_file(main_file);
	remove_file(part);
	rmdir(directory);
}

/* Run from the top of the sources, as make does. */
static void
the_sample_is_valid_and_serves_nothing(void **state)
{
	struct reading reading;

	(void)state;
	if (access("etc/superd.conf", R_OK) != 0)
		skip();
	load(&reading, "etc/superd.conf");
	no_reports(&reading, "etc/superd.conf");
	for (size_t i = 0; i < reading.conf->count; i++)
		assert_true(reading.conf->services[i]->disabled);
	reading_free(&reading);
}

static void
every_option_is_found_by_its_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OPTIONS; i++)
		if (attributes[i].name != NULL)
			assert_int_equal(option_find(
					     option_name((enum option_id)i)),
			    i);
	assert_int_equal(option_find("nosuch"), OPTIONS);
}

/* libconfuse alone needs a time that grows with the square. */
static void
ten_thousand_services_load_within_a_second(void **state)
{
	enum { SERVICES = 10000 };
	struct reading reading;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	clock_t start;

	(void)state;
	for (unsigned i = 0; i < SERVICES; i++)
		fprintf(file,
		    "# service %u\nservice \"s%u\" {\n"
		    "\tlisten = {\"127.0.0.1:%u\"}\n\tserver = /bin/cat\n"
		    "\tserver_args = {\"-u\", \"%u\"}\n\tuser = alice\n"
		    "\tinstances = 5\n\tonly_from = {10.0.0.0/8}\n}\n",
		    i, i, i + 1000, i);
	fclose(file);
	start = clock();
	read_text(&reading, text);
	no_reports(&reading, "10,000 services");
	assert_int_equal(reading.conf->count, SERVICES);
	assert_int_equal(reading.conf->services[SERVICES - 1]->place.line,
	    (SERVICES - 1) * 9 + 2);
	assert_true(clock() - start < CLOCKS_PER_SEC);
	reading_free(&reading);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_becomes_a_service),
		cmocka_unit_test(behaviour_has_the_names_of_xinetd),
		cmocka_unit_test(socket_options_are_a_list),
		cmocka_unit_test(
		    socket_options_of_defaults_are_for_those_that_can_have_them),
		cmocka_unit_test(rules_have_units_and_both_policies),
		cmocka_unit_test(an_empty_only_from_admits_nobody),
		cmocka_unit_test(rates_come_in_four_forms),
		cmocka_unit_test(globals_stand_outside_of_sections),
		cmocka_unit_test(listen_takes_every_form_of_address),
		cmocka_unit_test(families_decide_what_a_wildcard_takes),
		cmocka_unit_test(
		    the_addresses_of_the_command_line_are_the_default),
		cmocka_unit_test(a_unix_socket_has_an_owner_and_a_mode),
		cmocka_unit_test(an_id_may_tell_name_and_protocol),
		cmocka_unit_test(
		    wrong_defaults_are_told_once_with_the_number_of_services),
		cmocka_unit_test(defaults_are_checked_where_they_stand),
		cmocka_unit_test(a_list_may_lose_what_its_defaults_have),
		cmocka_unit_test(defaults_reach_services_above_and_below),
		cmocka_unit_test(a_disabled_service_may_be_incomplete),
		cmocka_unit_test(quotes_and_escapes_give_any_text),
		cmocka_unit_test(comments_stand_anywhere),
		cmocka_unit_test(lines_may_end_with_a_carriage_return),
		cmocka_unit_test(what_is_misspelt_is_reported_with_its_column),
		cmocka_unit_test(what_libconfuse_would_pass_over_is_reported),
		cmocka_unit_test(what_does_not_go_together_is_reported),
		cmocka_unit_test(unknown_names_leave_the_rest_in_service),
		cmocka_unit_test(resolver_trouble_is_worth_a_retry),
		cmocka_unit_test(
		    every_problem_is_reported_and_the_rest_is_read),
		cmocka_unit_test(an_open_brace_hides_no_other_error),
		cmocka_unit_test(nobody_is_served_by_halves_of_defaults),
		cmocka_unit_test(included_files_share_the_defaults),
		cmocka_unit_test(failed_includes_leave_nothing_behind),
		cmocka_unit_test(the_sample_is_valid_and_serves_nothing),
		cmocka_unit_test(every_option_is_found_by_its_name),
		cmocka_unit_test(ten_thousand_services_load_within_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
