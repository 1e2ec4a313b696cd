/* The reader of xinetd.conf: what each entry becomes, and what is said. */
#include "tests/unit/unit.h"

#include <netinet/in.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <syslog.h>
#include <unistd.h>

#include "conf/acl.h"
#include "conf/check.h"
#include "conf/readers.h"
#include "conf/service.h"
#include "conf/xalloc.h"
#include "tests/unit/fake_names.h"

/* Texts, read. */
struct reading {
	struct load_context context;
	struct reports reports;
	struct conf *conf;
	char said[8192]; /* the reports, a line each */
};

/* All that an entry needs. */
#define SERVES                                            \
	"socket_type = stream\nwait = no\nuser = alice\n" \
	"server = /bin/cat\n"
#define DATAGRAM                                          \
	"socket_type = dgram\nwait = yes\nuser = alice\n" \
	"server = /bin/cat\n"
#define ENTRY(name, lines) "service " name "\n{\n" lines "}\n"
#define FTP(lines)	   ENTRY("ftp", SERVES lines)
#define DEFAULTS(lines)	   "defaults\n{\n" lines "}\n"

static void
listen_to_reports(struct reading *reading)
{
	char one[512];

	for (size_t i = 0; i < reading->reports.count; i++) {
		report_format(&reading->reports.list[i], one, sizeof(one));
		strncat(reading->said, one,
		    sizeof(reading->said) - strlen(reading->said) - 2);
		strcat(reading->said, "\n");
	}
}

static void
reading_start(struct reading *reading)
{
	memset(reading, 0, sizeof(*reading));
	fake_context(&reading->context);
	reports_init(&reading->reports);
	reading->conf = conf_new();
}

static void
reading_take(struct reading *reading, const char *text)
{
	struct loader loader = { .read = load_source,
		.context = &reading->context,
		.conf = reading->conf,
		.reports = &reading->reports };
	struct source source;

	assert_int_equal(source_memory(&source, "f", text, strlen(text),
			     &reading->reports),
	    0);
	xinetd_read(&loader, &source);
	assert_null(loader.xinetd);
	source_free(&source);
	reports_sort(&reading->reports);
	listen_to_reports(reading);
}

static void
read_text(struct reading *reading, const char *text)
{
	reading_start(reading);
	reading_take(reading, text);
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
	read_text(reading, text);
	if (reading->reports.count > 0)
		fail_msg("%s: %s", text, reading->said);
	assert_int_equal(reading->conf->count, 1);
	assert_false(reading->conf->services[0]->unservable);
	return reading->conf->services[0];
}

/* The first service of a text that says so. */
static const struct service *
told(struct reading *reading, const char *text, const char *said)
{
	read_text(reading, text);
	if (strstr(reading->said, said) == NULL)
		fail_msg("%s: %s: %s", text, said, reading->said);
	assert_true(reading->conf->count > 0);
	return reading->conf->services[0];
}

static const char *
endpoint(const struct service *service, size_t i)
{
	static char text[ADDR_TEXT];

	if (i >= service->nendpoints)
		return "none";
	addr_print(&service->endpoints[i].addr, text, sizeof(text));
	return text;
}

/* Entries. */

static void
attributes_go_where_they_belong(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    FTP("server_args = -l -A\n"
		"group = staff\nnice = -3\numask = 077\ninstances = 7\n"
		"per_source = 2\nmax_load = 2.5\nflags = NODELAY KEEPALIVE\n"
		"env = A=1 B=\nbanner = /b\nbanner_success = /s\n"
		"banner_fail = /f\nlibwrap = vsftpd\n"));

	(void)state;
	assert_int_equal(s->dialect, DIALECT_XINETD);
	assert_string_equal(s->id, "ftp");
	assert_string_equal(s->name, "ftp");
	assert_string_equal(s->proto, "tcp");
	assert_int_equal(s->port, 21);
	assert_int_equal(s->place.line, 1);
	assert_string_equal(s->command.argv[0], "cat");
	assert_string_equal(s->command.argv[2], "-A");
	assert_null(s->command.argv[3]);
	assert_int_equal(s->command.uid, 1000);
	assert_int_equal(s->command.gid, 50);
	assert_int_equal(s->command.nice, -3);
	assert_int_equal(s->command.umask, 077);
	assert_int_equal(s->limits.instances, 7);
	assert_int_equal(s->limits.per_source, 2);
	assert_true(s->limits.max_load > 2.4 && s->limits.max_load < 2.6);
	assert_true(s->nodelay && s->keepalive);
	assert_string_equal(s->command.env[1], "B=");
	assert_string_equal(s->banner, "/b");
	assert_string_equal(s->banner_success, "/s");
	assert_string_equal(s->banner_fail, "/f");
	assert_true(s->access.libwrap);
	assert_string_equal(s->access.libwrap_name, "vsftpd");
	reading_free(&r);
}

static void
libwrap_is_asked_unless_a_flag_says_no_or_nobody_can_be(void **state)
{
	struct reading r;

	(void)state;
	assert_false(one(&r, FTP("flags = NOLIBWRAP\n"))->access.libwrap);
	reading_free(&r);
	assert_false(told(&r,
	    ENTRY("ftp",
		"socket_type = stream\n"
		"wait = yes\nuser = root\nserver = /bin/cat\n"),
	    "f:1:1: warning: hosts.allow and hosts.deny are not consulted "
	    "where the server accepts")
			 ->access.libwrap);
	reading_free(&r);
	one(&r,
	    ENTRY("ftp",
		"socket_type = stream\nwait = yes\n"
		"user = root\nserver = /bin/cat\nflags = NOLIBWRAP\n"));
	reading_free(&r);
	assert_true(one(&r, ENTRY("ftp", DATAGRAM))->access.libwrap);
	reading_free(&r);
}

static void
what_is_not_said_is_as_xinetd_has_it(void **state)
{
	struct reading r;
	const struct service *s = one(&r, FTP(""));

	(void)state;
	assert_int_equal(s->limits.rate.count, 50);
	assert_int_equal(s->limits.rate.seconds, 1);
	assert_int_equal(s->limits.max_pause, 10);
	assert_int_equal(s->limits.excess, EXCESS_REFUSE);
	assert_int_equal(s->limits.instances, LIMIT_UNSET);
	assert_true(s->command.env_all && s->command.env_remote_host);
	assert_int_equal(s->command.ngroups, 0);
	assert_int_equal(s->command.umask, 022);
	assert_true(s->access.libwrap);
	assert_null(s->access.acl);
	assert_int_equal(s->log_on_success, 0);
	reading_free(&r);
}

static void
limits_of_resources(void **state)
{
	static const struct resource_limit expected[] = {
		{ RLIMIT_AS, 8 << 20, 8 << 20 },
		{ RLIMIT_CPU, 20, 20 },
		{ RLIMIT_DATA, 1024, 1024 },
		{ RLIMIT_NOFILE, 64, 64 },
		{ RLIMIT_RSS, 9, 9 },
		{ RLIMIT_STACK, RLIM_INFINITY, RLIM_INFINITY },
	};
	struct reading r;
	const struct service *s = one(&r,
	    FTP("rlimit_as = 8M\n"
		"rlimit_cpu = 20\nrlimit_data = 1K\nrlimit_files = 64\n"
		"rlimit_rss = 9\nrlimit_stack = UNLIMITED\n"));

	(void)state;
	assert_int_equal(s->command.nrlimits, 6);
	for (size_t i = 0; i < 6; i++) {
		const struct resource_limit *limit = &s->command.rlimits[i];

		assert_int_equal(limit->resource, expected[i].resource);
		assert_true(limit->soft == expected[i].soft);
		assert_true(limit->hard == expected[i].hard);
	}
	reading_free(&r);
}

static void
cps_is_a_rate_and_a_longest_pause(void **state)
{
	struct reading r;
	const struct service *s = one(&r, FTP("cps = 0 3\n"));

	(void)state;
	assert_int_equal(s->limits.rate.count, LIMIT_NONE);
	assert_int_equal(s->limits.max_pause, 3);
	reading_free(&r);
}

/* What closes a service must do so however it is written. */
static void
case_of_attributes_and_their_words_means_nothing(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    FTP("NO_ACCESS = 10.0.0.1\n"
		"Flags = ipv4 NoLibwrap\nGroups = YES\n"
		"Instances = unlimited\nrlimit_cpu = Unlimited\n"
		"log_on_success = pid Host\nlog_type = syslog DAEMON\n"));

	(void)state;
	assert_string_equal(s->access.no_access[0], "10.0.0.1");
	assert_int_equal(s->family, FAMILY_INET);
	assert_false(s->access.libwrap);
	assert_int_equal(s->command.ngroups, 2);
	assert_int_equal(s->limits.instances, LIMIT_NONE);
	assert_true(s->command.rlimits[0].soft == RLIM_INFINITY);
	assert_int_equal(s->log_on_success, LOGS_PID | LOGS_HOST);
	reading_free(&r);
	s = one(&r, "service ftp\n{\nDISABLE = Yes\nfrob = 1\n}\n");
	assert_true(s->disabled);
	reading_free(&r);
	s = one(&r,
	    "service ftp\n{\nsocket_type = STREAM\nwait = NO\n"
	    "user = alice\nserver = /bin/cat\n}\n");
	assert_int_equal(s->socktype, SOCK_STREAM);
	reading_free(&r);
}

static void
case_of_keywords_and_ids_means_nothing(void **state)
{
	struct reading r;

	(void)state;
	read_text(&r,
	    "Defaults\n{\ndisabled = FTP\n}\n"
	    "SERVICE ftp\n{\n" SERVES "}\n");
	assert_string_equal(r.said, "");
	assert_int_equal(r.conf->count, 1);
	assert_true(r.conf->services[0]->disabled);
	reading_free(&r);
}

static void
nice_goes_as_far_as_it_can(void **state)
{
	struct reading r;
	const struct service *s = told(&r, FTP("nice = 25\n"),
	    "warning: nice: 25: limited to 19");

	(void)state;
	assert_int_equal(s->command.nice, 19);
	reading_free(&r);
	s = told(&r, FTP("nice = -99\n"), "limited to -20");
	assert_int_equal(s->command.nice, -20);
	reading_free(&r);
}

static void
a_group_by_number_needs_no_entry(void **state)
{
	struct reading r;
	const struct service *s = one(&r, FTP("group = 4321\n"));

	(void)state;
	assert_int_equal(s->command.gid, 4321);
	assert_false(s->unservable);
	reading_free(&r);
}

/* No wildcard in xinetd: what lets in stays as narrow, what keeps out does
 * what was probably meant. */
static void
address_of_zeros_lets_nobody_in(void **state)
{
	struct addr addr;
	struct reading r;
	const struct service *s = told(&r, FTP("only_from = 0:0::0\n"),
	    "f:7:1: warning: only_from: 0:0::0 matches no client: all of "
	    "IPv6 is ::/0");

	(void)state;
	assert_int_equal(addr_parse_host("2001:db8::1", 0, &addr), 0);
	assert_string_equal(s->access.only_from[0], "::/128");
	assert_int_equal(acl_decide(s->access.acl, &addr), ACL_DENY);
	reading_free(&r);
	s = told(&r, FTP("no_access = ::\n"),
	    "no_access: :: is taken as all of IPv6");
	assert_int_equal(acl_decide(s->access.acl, &addr), ACL_DENY);
	reading_free(&r);
}

static void
groups_have_the_users_own_where_another_group_is_named(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    FTP("group = staff\n"
		"groups = yes\n"));

	(void)state;
	assert_int_equal(s->command.gid, 50);
	assert_int_equal(s->command.groups[0], 1000);
	reading_free(&r);
}

/* An IPv4 client is ::ffff:a.b.c.d where one socket serves both families. */
static void
wide_prefixes_of_ipv6_hold_for_ipv4_too(void **state)
{
	struct reading r;
	const struct service *s = told(&r, FTP("no_access = ::/0\n"),
	    "warning: no_access: IPv4 clients match ::/0, too");

	(void)state;
	assert_string_equal(s->access.no_access[1], "0.0.0.0/0");
	reading_free(&r);
	s = told(&r, FTP("only_from = 2001:db8::1 ::/64\n"), "only_from: IPv4");
	assert_string_equal(s->access.only_from[2], "0.0.0.0/0");
	reading_free(&r);
	s = one(&r, FTP("only_from = ::/0\nflags = IPv4\n"));
	assert_null(s->access.only_from[1]);
	reading_free(&r);
	s = one(&r, FTP("no_access = ::1 2000::/3 10.0.0.0/8\n"));
	assert_null(s->access.no_access[3]);
	reading_free(&r);
}

static void
nameinargs_wherever_it_stands(void **state)
{
	struct reading r;
	const struct service *s = told(&r,
	    FTP("server_args = /usr/x -y\n"
		"flags = NAMEINARGS\n"),
	    "f:8:1: warning: NAMEINARGS comes after");

	(void)state;
	assert_string_equal(s->command.argv[0], "/usr/x");
	assert_string_equal(s->command.argv[1], "-y");
	assert_null(s->command.argv[2]);
	reading_free(&r);
	s = one(&r, FTP("flags = NAMEINARGS\nserver_args = /usr/x\n"));
	assert_string_equal(s->command.argv[0], "/usr/x");
	reading_free(&r);
}

static void
groups_of_the_user_only_if_asked_for(void **state)
{
	struct reading r;
	const struct service *s = one(&r, FTP("groups = yes\n"));

	(void)state;
	assert_int_equal(s->command.ngroups, 2);
	reading_free(&r);
}

static void
a_user_by_number_needs_no_entry(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    ENTRY("ftp",
		"socket_type = stream\nwait = no\nserver = /bin/cat\n"
		"user = 4711\n"));

	(void)state;
	assert_int_equal(s->command.uid, 4711);
	assert_int_equal(s->command.gid, 4711);
	assert_true(s->command.change_user);
	reading_free(&r);
	s = one(&r,
	    ENTRY("ftp",
		"socket_type = stream\nwait = no\n"
		"server = /bin/cat\nuser = 4711\ngroup = 12\n"));
	assert_int_equal(s->command.gid, 12);
	reading_free(&r);
}

static void
nobody_is_served_as_somebody_else(void **state)
{
	struct reading r;

	(void)state;
	reading_start(&r);
	r.context.unprivileged = true;
	r.context.our_uid = 1000;
	reading_take(&r,
	    FTP("id = a\n") ENTRY("ftp",
		"id = b\n"
		"socket_type = stream\nwait = no\nserver = /bin/cat\n"
		"user = 4711\n"));
	assert_false(r.conf->services[0]->unservable);
	assert_true(r.conf->services[1]->unservable);
	reading_free(&r);
}

static void
passenv_says_what_passes(void **state)
{
	struct reading r;
	const struct service *s = one(&r, FTP("passenv = A B\n"));

	(void)state;
	assert_false(s->command.env_all);
	assert_string_equal(s->command.passenv[1], "B");
	reading_free(&r);
	s = one(&r, FTP("passenv =\n"));
	assert_true(s->command.passenv_set);
	assert_false(s->command.env_all);
	reading_free(&r);
}

static void
times_of_day(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    FTP("access_times = 8:00-12:30 "
		"14:00-17:00\n"));

	(void)state;
	assert_int_equal(s->access.nhours, 2);
	assert_int_equal(s->access.hours[0].to, 12 * 60 + 30);
	reading_free(&r);
	s = told(&r, FTP("access_times = 8:00-24:00\n"), "warning: 24:00");
	assert_int_equal(s->access.hours[0].to, 24 * 60);
	assert_false(s->unservable);
	reading_free(&r);
}

static void
log_attributes(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    FTP("log_type = SYSLOG daemon\n"
		"log_on_success = PID HOST EXIT DURATION\n"
		"log_on_failure = HOST ATTEMPT\n"));

	(void)state;
	assert_int_equal(s->log.kind, LOG_TO_SYSLOG);
	assert_int_equal(s->log.level, LOG_INFO);
	assert_int_equal(s->log_on_success,
	    LOGS_PID | LOGS_HOST | LOGS_EXIT | LOGS_DURATION);
	assert_int_equal(s->log_on_failure, LOGS_HOST | LOGS_ATTEMPT);
	reading_free(&r);
	s = one(&r, FTP("log_type = SYSLOG authpriv notice\n"));
	assert_int_equal(s->log.facility, LOG_AUTHPRIV);
	assert_int_equal(s->log.level, LOG_NOTICE);
	reading_free(&r);
	s = told(&r, FTP("log_type = FILE log/x\n"), "warning: log_type FILE");
	assert_string_equal(s->log.path, "/log/x");
	assert_int_equal(s->log.hard, 0);
	reading_free(&r);
	s = one(&r, FTP("log_type = FILE /var/log/x 1M\n"));
	assert_int_equal(s->log.kind, LOG_TO_FILE);
	assert_string_equal(s->log.path, "/var/log/x");
	assert_int_equal(s->log.hard, (1 << 20) + (1 << 20) / 100);
	assert_false(s->unservable);
	reading_free(&r);
}

/* Sockets. */

static void
families_by_flags_v6only_and_bind(void **state)
{
	static const struct {
		const char *text, *first, *second;
		bool v6only; /* of the last */
	} cases[] = {
		{ FTP(""), "0.0.0.0:21", "[::]:21", true },
		{ FTP("flags = IPv4\n"), "0.0.0.0:21", "none", false },
		{ FTP("flags = IPv6\n"), "[::]:21", "none", false },
		{ FTP("flags = IPv4 IPv6\n"), "0.0.0.0:21", "[::]:21", true },
		{ FTP("v6only = yes\n"), "[::]:21", "none", true },
		{ FTP("flags = IPv6\nv6only = yes\n"), "[::]:21", "none",
		    true },
		{ FTP("bind = 192.0.2.1\n"), "192.0.2.1:21", "none", false },
		{ FTP("interface = 192.0.2.1\n"), "192.0.2.1:21", "none",
		    false },
		{ FTP("bind = ::\n"), "[::]:21", "none", false },
		{ FTP("bind = ::1\nv6only = yes\n"), "[::1]:21", "none", true },
		{ FTP("bind = example\n"), "192.0.2.7:21", "[2001:db8::7]:21",
		    true },
		{ FTP("bind = example\nflags = IPv4\n"), "192.0.2.7:21", "none",
		    false },
		{ DEFAULTS("bind = 192.0.2.1\n") FTP(""), "192.0.2.1:21",
		    "none", false },
		{ DEFAULTS("v6only = no\n") FTP(""), "0.0.0.0:21", "[::]:21",
		    true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading r;
		bool by_name = strcmp(cases[i].second, "none") != 0 &&
		    strstr(cases[i].text, "bind = example") != NULL;
		const struct service *s = by_name ?
		    told(&r, cases[i].text,
			"f:7:1: warning: example has 2 addresses") :
		    one(&r, cases[i].text);

		assert_string_equal(endpoint(s, 0), cases[i].first);
		assert_string_equal(endpoint(s, 1), cases[i].second);
		assert_int_equal(s->endpoints[s->nendpoints - 1].v6only,
		    cases[i].v6only);
		reading_free(&r);
	}
}

static void
v6only_no_means_no(void **state)
{
	struct reading r;
	const struct service *s = told(&r, FTP("flags = IPv6\nv6only = no\n"),
	    "warning: v6only = no");

	(void)state;
	assert_false(s->endpoints[0].v6only);
	reading_free(&r);
}

static void
protocol_and_socket_type_are_guessed_from_each_other(void **state)
{
	struct reading r;
	const struct service *s = one(&r, ENTRY("ftp", DATAGRAM));

	(void)state;
	assert_int_equal(s->protocol, IPPROTO_UDP);
	assert_string_equal(s->proto, "udp");
	reading_free(&r);
	s = one(&r,
	    ENTRY("ftp",
		"protocol = tcp\nwait = no\nuser = root\n"
		"server = /bin/cat\n"));
	assert_int_equal(s->socktype, SOCK_STREAM);
	reading_free(&r);
}

static void
an_unlisted_service_has_the_port_it_says(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    ENTRY("other", SERVES "type = UNLISTED\nport = 2121\n"));

	(void)state;
	assert_int_equal(s->port, 2121);
	reading_free(&r);
	s = told(&r, ENTRY("other", SERVES "port = 2121\n"),
	    "warning: other/tcp is not in /etc/services");
	assert_int_equal(s->port, 2121);
	assert_false(s->unservable);
	reading_free(&r);
}

static void
rpc_services(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    ENTRY("rstatd", DATAGRAM "type = RPC\nrpc_version = 2-4\n"));

	(void)state;
	assert_true(s->rpc.enabled);
	assert_int_equal(s->rpc.program, 100001);
	assert_int_equal(s->rpc.low, 2);
	assert_int_equal(s->rpc.high, 4);
	assert_string_equal(endpoint(s, 0), "0.0.0.0:0");
	reading_free(&r);
	s = one(&r,
	    ENTRY("mine",
		DATAGRAM "type = RPC UNLISTED\n"
			 "rpc_version = 1\nrpc_number = 400000\n"));
	assert_int_equal(s->rpc.program, 400000);
	reading_free(&r);
}

static void
tcpmux_services_have_no_socket(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    ENTRY("mine", SERVES "type = TCPMUXPLUS UNLISTED\n"));

	(void)state;
	assert_int_equal(s->mux, MUX_PLUS);
	assert_int_equal(s->nendpoints, 0);
	reading_free(&r);
	s = one(&r, ENTRY("mine", SERVES "type = TCPMUX UNLISTED\n"));
	assert_int_equal(s->mux, MUX_PLAIN);
	reading_free(&r);
}

static void
internal_services(void **state)
{
	struct reading r;
	const struct service *s = told(&r,
	    ENTRY("echo",
		"type = INTERNAL "
		"UNLISTED\nport = 7\nsocket_type = dgram\nwait = yes\n"),
	    "not consulted for datagrams of internal services; set flags = "
	    "NOLIBWRAP");

	(void)state;
	assert_string_equal(s->internal, "echo");
	assert_false(s->wait);
	assert_false(s->access.libwrap);
	assert_int_equal(r.reports.count, 1);
	reading_free(&r);
	one(&r,
	    ENTRY("echo",
		"type = INTERNAL UNLISTED\nport = 7\n"
		"socket_type = dgram\nwait = yes\nflags = NOLIBWRAP\n"));
	reading_free(&r);
	/* hosts_access(5) knows it by its name */
	s = one(&r,
	    ENTRY("echo",
		"type = INTERNAL UNLISTED\nport = 7\n"
		"socket_type = stream\nwait = no\n"));
	assert_true(s->access.libwrap);
	assert_string_equal(s->access.libwrap_name, "echo");
	reading_free(&r);
}

static bool
knows_pages(const char *name, int socktype)
{
	return socktype == SOCK_STREAM && strcmp(name, "servers") == 0;
}

static void
pages_are_for_this_host_unless_the_entry_says_more(void **state)
{
	static const char *const page = ENTRY("servers",
	    "type = INTERNAL "
	    "UNLISTED\nport = 9099\nsocket_type = stream\nwait = no\n");
	static const char *const open = ENTRY("servers",
	    "type = INTERNAL "
	    "UNLISTED\nport = 9099\nsocket_type = stream\nwait = no\n"
	    "only_from = 192.0.2.0\n");
	struct reading r;
	struct addr local, other;

	(void)state;
	addr_parse_host("127.0.0.1", 0, &local);
	addr_parse_host("192.0.2.1", 0, &other);
	/* what is closed stays closed, also to a better match */
	reading_start(&r);
	r.context.internal_known = knows_pages;
	reading_take(&r,
	    ENTRY("servers",
		"type = INTERNAL UNLISTED\n"
		"port = 9099\nsocket_type = stream\nwait = no\n"
		"no_access = 0.0.0.0\n"));
	assert_int_equal(r.reports.count, 1);
	assert_non_null(strstr(r.said,
	    "warning: internal service servers is served: xinetd 2.3.15 "
	    "does not have it"));
	assert_int_equal(acl_decide(r.conf->services[0]->access.acl, &local),
	    ACL_DENY);
	reading_free(&r);
	for (int i = 0; i < 2; i++) {
		const struct acl *acl;

		reading_start(&r);
		r.context.internal_known = knows_pages;
		reading_take(&r, i == 0 ? page : open);
		assert_false(r.conf->services[0]->unservable);
		acl = r.conf->services[0]->access.acl;
		assert_int_equal(acl_decide(acl, &local),
		    i == 0 ? ACL_ALLOW : ACL_DENY);
		assert_int_equal(acl_decide(acl, &other),
		    i == 0 ? ACL_DENY : ACL_ALLOW);
		reading_free(&r);
	}
}

/* A host of 15 traps had only_from in its defaults. */
static void
what_is_closed_to_everybody_stays_closed(void **state)
{
	static const struct {
		const char *lines;
		bool inet, inet6, name;
	} cases[] = {
		{ "only_from = 10.0.0.1 ::1\nno_access = 0.0.0.0\n", false,
		    true, false },
		{ "only_from = 10.0.0.1 ::1\nno_access = 0.0.0.0/0 ::/0\n",
		    false, false, false },
		{ "only_from = 10.0.0.0\nno_access = 1.2.3.4/0\n", false, false,
		    false },
		{ "only_from = 10.0.0.1 ::1\nno_access = ::/0\n", false, false,
		    false }, /* IPv4 is in it */
		{ "flags = IPv4\nonly_from = 10.0.0.1\nno_access = ::/0\n",
		    true, false, false },
		{ "only_from = 10.{0,1} host.example .example\n"
		  "no_access = 0.0.0.0\n",
		    false, false, false },
		{ "only_from = host.example\nno_access = 10.0.0.0\n", true,
		    false, true },
		{ "only_from = 10.0.0.1 ::1\nno_access = 10.0.0.0\n", true,
		    true, false },
	};
	struct addr inet, inet6;

	(void)state;
	addr_parse_host("10.0.0.1", 0, &inet);
	addr_parse_host("::1", 0, &inet6);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		struct reading r;
		const struct acl *acl;

		snprintf(text, sizeof(text), ENTRY("ftp", SERVES "%s"),
		    cases[i].lines);
		read_text(&r, text);
		acl = r.conf->services[0]->access.acl;
		assert_non_null(acl);
		if ((acl_decide(acl, &inet) != ACL_DENY &&
			acl_allows_name(acl, &inet, "host.example")) !=
			cases[i].inet ||
		    (acl_decide(acl, &inet6) == ACL_ALLOW) != cases[i].inet6)
			fail_msg("%s: %s", cases[i].lines, r.said);
		assert_int_equal(acl_allows_name(acl, &inet, "host.example") &&
			acl_decide(acl, &inet) == ACL_ASK,
		    cases[i].name);
		assert_int_equal(strstr(r.said,
				     "keeps everybody out, as with "
				     "xinetd") != NULL,
		    !cases[i].inet);
		reading_free(&r);
	}
}

static void
redirected_services(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    ENTRY("ftp",
		"socket_type = stream\n"
		"wait = no\nuser = root\nredirect = 192.0.2.9 2121\n"));

	(void)state;
	assert_int_equal(s->redirect.ntargets, 1);
	assert_int_equal(addr_port(&s->redirect.targets[0]), 2121);
	assert_string_equal(s->access.libwrap_name, "ftp");
	reading_free(&r);
}

/* Defaults. */

static void
defaults_hold_where_an_entry_says_nothing(void **state)
{
	struct reading r;
	const struct service *s;

	(void)state;
	read_text(&r,
	    DEFAULTS("instances = 5\ncps = 3 4\numask = 002\n"
		     "log_on_success = PID\nbanner = /b\nonly_from = 10.0.0.0\n"
		     "groups = yes\n") FTP("")
		FTP("id = b\ninstances = 9\nlog_on_success = HOST\n"
		    "banner = /c\nonly_from = 11.0.0.0\ngroups = no\n"));
	assert_string_equal(r.said, "");
	s = r.conf->services[0];
	assert_int_equal(s->limits.instances, 5);
	assert_int_equal(s->limits.rate.count, 3);
	assert_int_equal(s->command.umask, 002);
	assert_int_equal(s->log_on_success, LOGS_PID);
	assert_string_equal(s->banner, "/b");
	assert_string_equal(s->access.only_from[0], "10.0.0.0");
	assert_int_equal(s->command.ngroups, 2);
	s = r.conf->services[1];
	assert_int_equal(s->limits.instances, 9);
	assert_int_equal(s->log_on_success, LOGS_HOST);
	assert_string_equal(s->banner, "/c");
	assert_string_equal(s->access.only_from[0], "11.0.0.0");
	assert_null(s->access.only_from[1]);
	assert_int_equal(s->command.ngroups, 0);
	reading_free(&r);
}

static void
entries_add_to_defaults_and_take_from_them(void **state)
{
	static const struct {
		const char *line, *list;
	} cases[] = {
		{ "", "10.0.0.0 host.example " },
		{ "only_from += 11.0.0.0\n",
		    "10.0.0.0 host.example 11.0.0.0 " },
		{ "only_from -= 10.0.0.0/8\n", "host.example " },
		{ "only_from -= HOST.example 10.0.0.0\n", "" },
		{ "only_from = 11.0.0.0\nonly_from += 12.{1,2}\n",
		    "11.0.0.0 12.{1,2} " },
		{ "only_from =\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = xasprintf(DEFAULTS("only_from = 10.0.0.0\n"
						"only_from = host.example\n")
					   FTP("%s"),
		    cases[i].line);
		char list[256] = "";
		struct reading r;
		const struct service *s = one(&r, text);

		for (size_t v = 0; v < strings_count(s->access.only_from);
		     v++) {
			strcat(list, s->access.only_from[v]);
			strcat(list, " ");
		}
		assert_string_equal(list, cases[i].list);
		assert_true(s->access.only_from_set);
		reading_free(&r);
		free(text);
	}
}

static void
the_order_of_defaults_and_services_means_nothing(void **state)
{
	struct reading r;
	const struct service *s = told(&r,
	    FTP("") DEFAULTS("only_from = 10.0.0.0\ninstances = 5\n"),
	    "f:10:1: warning: only_from: these defaults apply to every "
	    "service: with xinetd, only to those that follow\n");

	(void)state;
	assert_int_equal(r.reports.count, 1);
	assert_int_equal(s->limits.instances, 5);
	assert_string_equal(s->access.only_from[0], "10.0.0.0");
	reading_free(&r);
}

static void
wrong_defaults_are_told_once_and_nobody_is_served(void **state)
{
	static const char *const texts[] = {
		DEFAULTS("only_from = 10.0.0.256\n") FTP("") FTP("id = b\n"),
		DEFAULTS("instances = many\n") FTP("") FTP("id = b\n"),
		DEFAULTS("cps = 5\n") FTP("") FTP("id = b\n"),
		DEFAULTS("umask -= 5\n") FTP("") FTP("id = b\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reading r;

		read_text(&r, texts[i]);
		if (r.reports.count != 1 ||
		    reports_at_least(&r.reports, REPORT_SYNTAX) != 1)
			fail_msg("%s: %s", texts[i], r.said);
		/* what is no line at all closes every service */
		if (i < 2 && strstr(r.said, "(2 services)") == NULL)
			fail_msg("%s: %s", texts[i], r.said);
		assert_int_equal(r.reports.list[0].place.line, 3);
		assert_true(r.conf->services[0]->unservable);
		assert_true(r.conf->services[1]->unservable);
		reading_free(&r);
	}
}

static void
enabled_and_disabled_go_by_id(void **state)
{
	static const bool off[] = { false, true, true, true, false };
	struct reading r;

	(void)state;
	read_text(&r,
	    DEFAULTS("enabled = a b\nenabled += e d\n"
		     "disabled = b nosuch\n") FTP("id = a\n") FTP("id = b\n")
		FTP("id = c\n") FTP("id = d\ndisable = yes\n")
		    ENTRY("e", SERVES "type = UNLISTED\nport = 1\n"));
	assert_string_equal(r.said,
	    "f:5:1: warning: disabled: no service has id nosuch\n");
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(r.conf->services[i]->disabled, off[i]);
	reading_free(&r);
}

static void
a_disabled_entry_is_read_and_nothing_is_said(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    ENTRY("nosuch",
		"disable = yes\n"
		"user = nosuch\nserver = /none\nflags = LABELED\n"
		"per_source = many\ncps = 5\nbogus = 1\nwait = no\n"
		"wait = yes\n"));

	(void)state;
	assert_true(s->disabled);
	assert_string_equal(s->id, "nosuch");
	assert_string_equal(s->proto, "tcp");
	reading_free(&r);
}

/* Ids. */

static void
ids_of_disabled_entries_never_clash(void **state)
{
	struct reading r;

	(void)state;
	read_text(&r,
	    FTP("id = a\ndisable = yes\n") FTP("id = a\n")
		FTP("id = a\ndisable = yes\n"));
	conf_check(r.conf, &r.reports);
	assert_int_equal(r.reports.count, 0);
	assert_string_equal(r.conf->services[1]->id, "a");
	reading_free(&r);
}

static void
services_of_one_id_and_different_sockets_are_told_apart(void **state)
{
	static const char *const ids[] = { "ftp", "ftp/udp",
		"ftp/udp:192.0.2.1:21", "ftp/tcp:192.0.2.2:21", "ftp" };
	struct reading r;

	(void)state;
	read_text(&r,
	    FTP("bind = 192.0.2.1\n") ENTRY("ftp",
		DATAGRAM "bind = 192.0.2.3\n")
		ENTRY("ftp", DATAGRAM "bind = 192.0.2.1\n")
		    FTP("bind = 192.0.2.2\n") FTP("bind = 192.0.2.1\n"));
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(r.conf->services[i]->id, ids[i]);
	assert_int_equal(r.reports.count, 3);
	assert_int_equal(reports_at_least(&r.reports, REPORT_UNSERVABLE), 0);
	/* the last one is a duplicate, and told so */
	conf_check(r.conf, &r.reports);
	assert_false(r.conf->services[0]->unservable);
	assert_true(r.conf->services[4]->unservable);
	reading_free(&r);
}

/* Lines. */

static void
blanks_and_comments_and_ends_of_lines(void **state)
{
	static const char *const texts[] = {
		"service ftp\n{\n\tsocket_type\t=stream\n  wait =  no \n"
		"user = alice\n\n#x\n # y\n\tserver = /bin/cat\n}",
		"\n\nservice   ftp\r\n{\r\nsocket_type = stream\r\n"
		"wait = no\r\nuser = alice\r\nserver = /bin/cat\r\n}\r\n",
		"service ftp\f\n\v{ \nsocket_type = stream\f\v\nwait = no\n"
		"user = alice\nserver = /bin/cat\n}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reading r;
		const struct service *s = one(&r, texts[i]);

		assert_string_equal(s->command.program, "/bin/cat");
		assert_int_equal(s->socktype, SOCK_STREAM);
		reading_free(&r);
	}
}

static void
chkconfig_comments_are_comments(void **state)
{
	struct reading r;

	(void)state;
	one(&r,
	    "# default: off\n# description: it's \\\n#\tfor \"x\"\n" FTP(""));
	reading_free(&r);
}

static void
what_xinetd_reads_otherwise_is_read_and_said(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ FTP("per_source = 2 # two\n"),
		    "f:7:16: warning: a comment after values" },
		{ "service ftp {\n" SERVES "per_source = 2\n}\n",
		    "f:1:1: warning: xinetd skips this entry" },
		{ FTP("per_source=2\n"),
		    "f:7:1: warning: per_source: without a blank" },
		{ FTP("per_source= 2\n"), "without a blank" },
		{ FTP("per_source += 2\n"),
		    "warning: per_source: += is applied" },
		{ FTP("per_source = 2\nper_source = 9\n"),
		    "f:8:1: warning: attribute per_source is given twice" },
		{ FTP("per_source = 2\nbogus = 1\n"),
		    "warning: unknown attribute bogus is ignored\n" },
		{ FTP("per_source = 2\nper_sorce = 1\n"),
		    "is ignored, did you mean per_source?\n" },
		{ FTP("per_source = 2\nenabled = ftp\n"),
		    "attribute enabled is ignored in a service" },
		{ DEFAULTS("access_times = 1:00-2:00\n")
			FTP("per_source = 2\n"),
		    "attribute access_times is ignored in defaults" },
		{ DEFAULTS("flags = NOLIBWRAP\n") FTP("per_source = 2\n"),
		    "attribute flags is ignored in defaults" },
		{ FTP("per_source = 2\nmdns = yes\n"),
		    "warning: this attribute has no effect" },
		{ FTP("per_source = 2\nflags = NORETRY\n"),
		    "warning: NORETRY has no effect" },
		{ ENTRY("ftp",
		      "socket_type = dgram\nwait = yes\n"
		      "user = root\nserver = /bin/cat\nper_source = 2\n"
		      "log_on_failure = USERID\n"),
		    "warning: USERID: the client's user" },
		{ ENTRY("ftp",
		      "socket_type = stream\nwait = no\n"
		      "per_source = 2\nflags = SENSOR\ndeny_time = 5\n"
		      "no_access = 10.0.0.1\n"),
		    "warning: no_access has no effect with flag SENSOR" },
		{ FTP("per_source = 2\nflags = IDONLY\n"),
		    "warning: flags: IDONLY applies without USERID" },
		{ FTP("per_source = 2\nflags = SENSOR\n"
		      "deny_time = 5\n"),
		    "warning: server has no effect with flag" },
		{ ENTRY("ftp",
		      "socket_type = stream\nwait = no\n"
		      "per_source = 2\nflags = SENSOR\n"),
		    "warning: SENSOR: nobody is denied" },
		{ FTP("per_source = 2\ndeny_time = 5\n"),
		    "warning: deny_time has no effect without" },
		{ FTP("per_source = 2\nlog_on_success = TRAFFIC\n"),
		    "warning: TRAFFIC is available" },
		{ FTP("per_source = 2\nlog_on_failure -= HOST\n"),
		    "warning: log_on_failure: HOST is not in the list" },
		{ FTP("per_source = 2\nlog_type = FILE x\n"),
		    "warning: log_type FILE x: a relative path" },
		{ FTP("per_source = 2\nonly_from = 10.1.2.3/8\n"),
		    "warning: 10.1.2.3/8: the bits after" },
		{ FTP("per_source = 2\nonly_from = 10.0.0.1,10.0.0.2\n"),
		    "warning: only_from: a comma separates addresses" },
		{ FTP("per_source = 2\nonly_from = 10.0.0.1\n"
		      "no_access = 11.0.0.0 10.0.0.0\n"),
		    "warning: only_from 10.0.0.1 matches more closely and "
		    "lets clients in: xinetd refuses them because of "
		    "no_access 10.0.0.0\n" },
		{ FTP("per_source = 2\nonly_from = 10.0.0.1\n"
		      "no_access = 10.0.0.1/32\n"),
		    "warning: 10.0.0.1 is in both only_from and no_access: "
		    "it is refused\n" },
		{ FTP("per_source = 2\nonly_from = .example.org\n"
		      "no_access = .Example.org\n"),
		    "it is refused\n" },
		{ FTP("per_source = 2\naccess_times = 8:00-24:00\n"),
		    "warning: 24:00 is the end of the day" },
		{ FTP("per_source = 2\nv6only = no\n"),
		    "warning: v6only = no leaves the socket open" },
		{ FTP("per_source = 2\nserver_args = x\n"
		      "flags = NAMEINARGS\n"),
		    "f:9:1: warning: NAMEINARGS comes after server_args" },
		{ FTP("per_source = 2\nserver_args = x # y\n"),
		    "f:8:17: warning: a comment after values" },
		{ FTP("per_source = 2\nserver_args = 'a b'\n"),
		    "f:8:15: warning: quotes group words" },
		{ FTP("per_source = 2\nserver_args = a\nserver_args = b\n"),
		    "attribute server_args is given twice" },
		{ FTP("per_source = 2\nprotocol = tcp4\n"),
		    "warning: protocol tcp4 implies an address family" },
		{ FTP("per_source = 2\nbind = example\n"),
		    "f:8:1: warning: example has 2 addresses" },
		{ FTP("per_source = 2\npassenv = PATH LD_PRELOAD\n"),
		    "warning: passenv: LD_PRELOAD is never passed" },
		{ FTP("per_source = 2\npassenv = NOTIFY_SOCKET\n"),
		    "warning: passenv: NOTIFY_SOCKET is never passed" },
		{ ENTRY("mine", SERVES "per_source = 2\nport = 2121\n"),
		    "warning: mine/tcp is not in /etc/services" },
		{ ENTRY("ftp", DATAGRAM "per_source = 2\nbanner = /b\n"),
		    "warning: only stream services with wait = no send "
		    "banners" },
		{ DEFAULTS("enabled = ftp nosuch\n") FTP("per_source = 2\n"),
		    "f:3:1: warning: enabled: no service has id nosuch" },
		{ FTP("per_source = 2\n") DEFAULTS("only_from = 0.0.0.0\n"),
		    "warning: only_from: these defaults apply to every" },
		{ "service ftp tcp\n{\n" SERVES "per_source = 2\n}\n",
		    "warning: unexpected tcp after the name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading r;
		const struct service *s = told(&r, cases[i].text,
		    cases[i].said);

		if (r.reports.count != 1 || s->unservable ||
		    s->limits.per_source != 2)
			fail_msg("%s: %s", cases[i].text, r.said);
		reading_free(&r);
	}
}

static void
quotes_group_words(void **state)
{
	struct reading r;
	const struct service *s = told(&r,
	    FTP("server_args = \"two words\" "
		"-x='a \"b\" # c' \"\" it's 5\" #\n"),
	    "warning: quotes group");
	char **argv = s->command.argv;

	(void)state;
	assert_string_equal(argv[1], "two words");
	assert_string_equal(argv[2], "-x=a \"b\" # c");
	assert_string_equal(argv[3], "");
	assert_string_equal(argv[4], "it's");
	assert_string_equal(argv[5], "5\"");
	assert_null(argv[6]);
	reading_free(&r);
}

static void
lists_that_are_given_again(void **state)
{
	struct reading r;
	const struct service *s = told(&r,
	    FTP("server_args = a\n"
		"server_args += b\nserver_args = c\nflags = NODELAY\n"
		"flags += KEEPALIVE\nenv = A=1\nenv += B=2\nenv = C=3\n"),
	    "server_args is given twice: the first one counts");

	(void)state;
	assert_string_equal(s->command.argv[2], "b");
	assert_null(s->command.argv[3]);
	assert_true(s->nodelay && s->keepalive);
	assert_string_equal(s->command.env[0], "C=3");
	assert_null(s->command.env[1]);
	reading_free(&r);
}

static void
a_network_is_looked_up(void **state)
{
	struct reading r;
	const struct service *s = one(&r,
	    FTP("only_from = mynet other "
		"zeronet\n"));

	(void)state;
	assert_string_equal(s->access.only_from[0], "10.1.0.0");
	assert_string_equal(s->access.only_from[1], "other");
	/* "default 0.0.0.0" of networks(5) is nobody's network */
	assert_string_equal(s->access.only_from[2], "zeronet");
	reading_free(&r);
}

/* Errors. */

static void
what_cannot_be_served_is_said_and_the_rest_goes_on(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ FTP("flags = LABELED\n"),
		    "LABELED: not supported by superd" },
		{ ENTRY("ftp",
		      "socket_type = dgram\nwait = yes\n"
		      "user = root\nserver = /bin/cat\nflags = IDONLY\n"),
		    "IDONLY: the client's user" },
		{ ENTRY("x",
		      "type = UNLISTED\nport = 7\nprotocol = icmp\n"
		      "socket_type = raw\nwait = yes\nflags = SENSOR\n"
		      "deny_time = 5\n"),
		    "SENSOR: expected a stream or dgram" },
		{ FTP("flags = INTERCEPT\n"),
		    "INTERCEPT: not supported by superd" },
		{ FTP("flags = ipv5\n"),
		    "unknown word ipv5, did you mean IPv4?" },
		{ FTP("flags =\n"), "flags: expected 1 value" },
		{ FTP("type = SPECIAL\n"), "type: unknown word SPECIAL" },
		{ FTP("id = a b\n"), "id: expected 1 value" },
		{ FTP("disable = maybe\n"),
		    "disable maybe: expected yes or no" },
		{ FTP("instances = 0\n"),
		    "instances 0: expected a number from 1" },
		{ FTP("per_source = 5x\n"),
		    "per_source 5x: expected a number" },
		{ FTP("instances = -1\n"), "instances -1: expected a number" },
		{ FTP("instances = 4294967296\n"),
		    "instances 4294967296: expected a number" },
		{ FTP("cps = 5\n"), "cps: expected 2 values" },
		{ FTP("cps = 1.5 3\n"), "cps 1.5: expected a number" },
		{ FTP("max_load = high\n"), "max_load high" },
		{ FTP("max_load = nan\n"), "max_load nan" },
		{ FTP("max_load = 0\n"), "max_load 0" },
		{ FTP("nice = 20x\n"), "nice 20x: expected a number from -20" },
		{ FTP("nice = \"\"\n"), "nice : expected a number" },
		{ FTP("umask = 888\n"), "umask 888: expected an octal number" },
		{ FTP("umask = 1777\n"),
		    "umask 1777: expected an octal number" },
		{ FTP("umask -= 022\n"), "umask: -= cannot be used" },
		{ FTP("env -= A\n"), "env: -= cannot be used" },
		{ FTP("env = A\n"), "env A: expected NAME=value" },
		{ FTP("env = =A\n"), "env =A: expected NAME=value" },
		{ FTP("rlimit_as = lots\n"), "rlimit_as lots" },
		{ FTP("rlimit_cpu = 1K\n"),
		    "rlimit_cpu: 1K: expected a number" },
		{ FTP("access_times = 8:00-8:00\n"), "access_times: 8:00" },
		{ FTP("access_times = 22:00-6:00\n"), "access_times: 22" },
		{ FTP("access_times = 8-9\n"), "access_times: 8-9" },
		{ FTP("access_times = 8:00-24:01\n"), "access_times: 8:" },
		{ FTP("only_from = 10.0.0.256\n"),
		    "10.0.0.256: expected an address" },
		{ FTP("no_access = fe80::1%lo\n"),
		    "fe80::1%lo: expected an address" },
		{ FTP("no_access -= 10.0.0.1\n"), "10.0.0.1 is not in the" },
		{ FTP("log_type = SYSLOG nothing\n"), "log_type nothing: " },
		{ FTP("log_type = SYSLOG daemon info x\n"), "log_type" },
		{ FTP("log_type = FILE /x 2K 1K\n"), "hard limit is below" },
		{ FTP("log_type = PIPE x\n"), "log_type: unknown word PIPE" },
		{ FTP("log_on_success = ATTEMPT\n"), "unknown word ATTEMPT" },
		{ FTP("log_on_failure = PID\n"), "unknown word PID" },
		{ FTP("deny_time = soon\n"),
		    "deny_time: soon: expected a number" },
		{ FTP("deny_time = -1\n"), "deny_time: -1: expected a number" },
		{ FTP("deny_time = 71582789\n"), "deny_time 71582789" },
		{ FTP("port = 2121\n"), "ftp/tcp has port 21" },
		{ FTP("bind = nosuch.example\n"), "cannot resolve host" },
		{ FTP("bind = 192.0.2.1\nflags = IPv6\n"),
		    "not of the family" },
		{ FTP("bind = ::1\nflags = IPv4\n"), "not of the family" },
		{ FTP("protocol = udp\n"), "does not go with protocol udp" },
		{ FTP("protocol = nosuch\n"), "unknown protocol nosuch" },
		{ FTP("protocol = unix\n"), "error: " },
		{ FTP("group = nosuch\n"), "unknown group nosuch" },
		{ FTP("flags = NAMEINARGS\n"), "NAMEINARGS needs" },
		{ FTP("type = UNLISTED\n"), "UNLISTED service needs a port" },
		{ FTP("type = INTERNAL\n"), "no internal service ftp" },
		{ FTP("type = TCPMUX\n"), "TCPMUX must be UNLISTED, too" },
		{ FTP("type = RPC\n"), "error: rpc_version is missing" },
		{ FTP("type = RPC UNLISTED\n"), "rpc_number is missing" },
		{ ENTRY("nosuch", SERVES), "unknown service nosuch/tcp" },
		{ ENTRY("ftp", "wait = no\nuser = root\nserver = /bin/cat\n"),
		    "error: protocol is missing" },
		{ ENTRY("ftp",
		      "protocol = icmp\nwait = no\nuser = root\n"
		      "server = /bin/cat\n"),
		    "socket_type is missing" },
		{ ENTRY("ftp",
		      "socket_type = odd\nwait = no\nuser = root\n"
		      "server = /bin/cat\n"),
		    "unknown socket type odd" },
		{ ENTRY("ftp",
		      "socket_type = stream\nuser = root\n"
		      "server = /bin/cat\n"),
		    "error: wait is missing" },
		{ ENTRY("ftp",
		      "socket_type = stream\nwait = no\n"
		      "server = /bin/cat\n"),
		    "error: user is missing" },
		{ ENTRY("ftp",
		      "socket_type = stream\nwait = no\n"
		      "user = root\n"),
		    "no server, internal" },
		{ ENTRY("ftp",
		      "socket_type = stream\nwait = no\n"
		      "server = /bin/cat\nuser = nosuch\n"),
		    "unknown user nosuch" },
		{ ENTRY("ftp",
		      "socket_type = dgram\nwait = no\n"
		      "server = /bin/cat\nuser = root\n"),
		    "wait = no does not go with socket type dgram" },
		{ ENTRY("ftp",
		      "socket_type = stream\nwait = yes\n"
		      "server = /bin/cat\nuser = root\n"
		      "only_from = host.example\n"),
		    "only_from and no_access cannot be honoured with "
		    "wait = yes: the kernel" },
		{ ENTRY("ftp",
		      "socket_type = stream\nwait = yes\n"
		      "redirect = 192.0.2.1 21\n"),
		    "can be redirected" },
		{ ENTRY("ftp",
		      "socket_type = stream\nwait = no\n"
		      "redirect = 192.0.2.1 nosuch\n"),
		    "unknown port" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = xasprintf("%s" FTP("id = good\n"), cases[i].text);
		struct reading r;
		const struct service *s = told(&r, text, cases[i].said);

		if (!s->unservable ||
		    reports_at_least(&r.reports, REPORT_UNSERVABLE) == 0 ||
		    reports_at_least(&r.reports, REPORT_SYNTAX) > 0)
			fail_msg("%s: %s", text, r.said);
		assert_int_equal(r.conf->count, 2);
		assert_false(r.conf->services[1]->unservable);
		reading_free(&r);
		free(text);
	}
}

static void
each_is_told_once(void **state)
{
	struct reading r;

	(void)state;
	told(&r,
	    FTP("only_from = 10.0.0.256\ninstances = x\n"
		"flags = IPv5\n"),
	    "unknown word");
	assert_int_equal(r.reports.count, 3);
	reading_free(&r);
}

/* The first service of a text, where hosts.deny has rules. */
static const struct service *
guarded(struct reading *r, bool have_libwrap, const char *text)
{
	reading_start(r);
	r->context.hosts_refuse = true;
	r->context.have_libwrap = have_libwrap;
	reading_take(r, text);
	return r->conf->services[0];
}

static void
who_hosts_deny_may_refuse_is_not_let_in_unasked(void **state)
{
	static const char accepts[] = ENTRY("ftp",
	    "socket_type = stream\n"
	    "wait = yes\nuser = root\nserver = /bin/cat\n");
	static const char echo[] = ENTRY("echo",
	    "type = INTERNAL "
	    "UNLISTED\nport = 7\nsocket_type = dgram\nwait = yes\n");
	struct reading r;

	(void)state;
	assert_true(guarded(&r, true, accepts)->unservable);
	assert_non_null(strstr(r.said,
	    "f:1:1: error: hosts.allow and hosts.deny have rules that "
	    "refuse, but cannot be consulted where"));
	reading_free(&r);
	assert_true(guarded(&r, true, echo)->unservable);
	reading_free(&r);
	assert_true(guarded(&r, false, FTP(""))->unservable);
	reading_free(&r);
	assert_false(guarded(&r, true, FTP(""))->unservable);
	reading_free(&r);
	assert_false(
	    guarded(&r, false, FTP("flags = NOLIBWRAP\n"))->unservable);
	reading_free(&r);
	/* and none of it without such rules */
	assert_false(told(&r, echo,
	    "warning: hosts.allow and hosts.deny are not consulted for "
	    "datagrams")
			 ->unservable);
	reading_free(&r);
}

static void
libwrap_that_is_not_built_in(void **state)
{
	struct reading r;

	(void)state;
	reading_start(&r);
	r.context.have_libwrap = false;
	reading_take(&r,
	    FTP("id = a\n") FTP("id = b\n") FTP("id = c\nlibwrap = x\n")
		FTP("id = d\nflags = NOLIBWRAP\n"));
	assert_int_equal(r.reports.count, 2);
	assert_non_null(strstr(r.said, "f:1:1: warning: hosts.allow"));
	assert_non_null(strstr(r.said, "error: libwrap: this superd"));
	assert_false(r.conf->services[0]->access.libwrap);
	assert_true(r.conf->services[2]->unservable);
	assert_false(r.conf->services[3]->unservable);
	reading_free(&r);
}

static void
text_that_means_nothing_is_a_syntax_error(void **state)
{
	static const struct {
		const char *text, *said;
		size_t services;
	} cases[] = {
		{ "service ftp\n{\n" SERVES,
		    "f:1:1: error: this entry is not closed", 1 },
		{ "service ftp\n{\n" SERVES FTP("id = b\n"),
		    "f:1:1: error: this entry is not closed", 2 },
		{ "service ftp\n" FTP(""),
		    "f:1:1: error: expected \"{\" on the next line", 2 },
		{ "service ftp\nwait = no\n}\n" FTP(""), "expected \"{\"", 2 },
		{ "service ftp\n{ wait = no\n" SERVES "}\n",
		    "nothing may follow \"{\"", 1 },
		{ "service ftp\n{\n" SERVES "} x\n", "nothing may follow \"}\"",
		    1 },
		{ "service\n{\nwait = no\n}\n" FTP(""), "expected a name", 1 },
		{ "services ftp\n{\nwait = no\n}\n" FTP(""),
		    "f:1:1: error: expected service, defaults, include", 1 },
		{ "servce ftp\n{\n}\n" FTP(""),
		    "or includedir: servce, did you mean service?", 1 },
		{ "}\n" FTP(""), "f:1:1: error: expected service, defaults",
		    1 },
		{ FTP("what is this\n"),
		    "f:7:1: error: expected ATTRIBUTE = VALUE: what", 1 },
		{ FTP("wait\n"), "expected ATTRIBUTE = VALUE", 1 },
		{ FTP("= no\n"), "expected ATTRIBUTE = VALUE", 1 },
		{ FTP("+= no\n"), "expected ATTRIBUTE = VALUE", 1 },
		{ DEFAULTS("") DEFAULTS("only_from = 0.0.0.0\n") FTP(""),
		    "f:4:1: error: second defaults entry", 1 },
		{ "include\n" FTP(""), "expected one path after include", 1 },
		{ "includedir a b\n" FTP(""), "expected one path", 1 },
		{ "include /nonexistent/x\n" FTP(""), "/nonexistent/x", 1 },
		{ "includedir /nonexistent\n" FTP(""), "/nonexistent", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading r;

		told(&r, cases[i].text, cases[i].said);
		if (reports_at_least(&r.reports, REPORT_SYNTAX) != 1 ||
		    r.reports.count != 1 || r.conf->count != cases[i].services)
			fail_msg("%s: %s", cases[i].text, r.said);
		reading_free(&r);
	}
}

static void
an_entry_that_is_broken_is_not_served(void **state)
{
	struct reading r;
	const struct service *s = told(&r, FTP("what is this\n"), "error");

	(void)state;
	assert_true(s->unservable);
	reading_free(&r);
	/* what stands there could be what closes it */
	s = told(&r, "service ftp\n{ only_from = 10.0.0.1\n" SERVES "}\n",
	    "error");
	assert_true(s->unservable);
	reading_free(&r);
	s = told(&r, "service ftp\n{\n" SERVES "} only_from =\n", "error");
	assert_true(s->unservable);
	reading_free(&r);
}

/* Files. */

static void
write_file(const char *directory, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
remove_file(const char *directory, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(remove(path), 0);
}

static void
includes_share_their_defaults(void **state)
{
	static const char *const names[] = { "b", "a", "c.rpmsave", "d~",
		"defaults" };
	char directory[] = "/tmp/superd-test-XXXXXX", main_text[512];
	struct reading r;

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (size_t i = 0; i < 4; i++) {
		char *text = xasprintf(FTP("id = %s\n"), names[i]);

		write_file(directory, names[i], text);
		free(text);
	}
	write_file(directory, "defaults", DEFAULTS("umask = 007\n"));
	snprintf(main_text, sizeof(main_text),
	    DEFAULTS("instances = 5\n") "includedir %s\ninclude %s/c.rpmsave\n",
	    directory, directory);
	read_text(&r, main_text);
	assert_string_equal(r.said, "");
	assert_int_equal(r.conf->count, 3);
	assert_string_equal(r.conf->services[0]->id, "a");
	assert_string_equal(r.conf->services[1]->id, "b");
	assert_string_equal(r.conf->services[2]->id, "c.rpmsave");
	assert_int_equal(r.conf->services[0]->command.umask, 007);
	assert_int_equal(r.conf->services[2]->limits.instances, 5);
	assert_non_null(strstr(r.conf->services[1]->place.file, "/b"));
	for (size_t i = 0; i < 5; i++)
		remove_file(directory, names[i]);
	rmdir(directory);
	reading_free(&r);
}

static void
a_relative_include_is_told(void **state)
{
	struct reading r;

	(void)state;
	told(&r, "include nosuch/x\n" FTP(""),
	    "f:1:1: warning: nosuch/x is relative to this file: for xinetd, "
	    "to its current");
	reading_free(&r);
	read_text(&r, "include /nosuch/x\n" FTP(""));
	assert_null(strstr(r.said, "starts from"));
	reading_free(&r);
}

static void
a_file_that_includes_itself_ends(void **state)
{
	char directory[] = "/tmp/superd-test-XXXXXX", text[128];
	struct reading r;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(text, sizeof(text), "include %s/x\n", directory);
	write_file(directory, "x", text);
	read_text(&r, text);
	assert_non_null(strstr(r.said, "include loop: "));
	remove_file(directory, "x");
	rmdir(directory);
	reading_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_go_where_they_belong),
		cmocka_unit_test(
		    libwrap_is_asked_unless_a_flag_says_no_or_nobody_can_be),
		cmocka_unit_test(what_is_not_said_is_as_xinetd_has_it),
		cmocka_unit_test(limits_of_resources),
		cmocka_unit_test(cps_is_a_rate_and_a_longest_pause),
		cmocka_unit_test(
		    case_of_attributes_and_their_words_means_nothing),
		cmocka_unit_test(case_of_keywords_and_ids_means_nothing),
		cmocka_unit_test(nice_goes_as_far_as_it_can),
		cmocka_unit_test(a_group_by_number_needs_no_entry),
		cmocka_unit_test(address_of_zeros_lets_nobody_in),
		cmocka_unit_test(
		    groups_have_the_users_own_where_another_group_is_named),
		cmocka_unit_test(wide_prefixes_of_ipv6_hold_for_ipv4_too),
		cmocka_unit_test(nameinargs_wherever_it_stands),
		cmocka_unit_test(groups_of_the_user_only_if_asked_for),
		cmocka_unit_test(a_user_by_number_needs_no_entry),
		cmocka_unit_test(nobody_is_served_as_somebody_else),
		cmocka_unit_test(passenv_says_what_passes),
		cmocka_unit_test(times_of_day),
		cmocka_unit_test(log_attributes),
		cmocka_unit_test(families_by_flags_v6only_and_bind),
		cmocka_unit_test(v6only_no_means_no),
		cmocka_unit_test(
		    protocol_and_socket_type_are_guessed_from_each_other),
		cmocka_unit_test(an_unlisted_service_has_the_port_it_says),
		cmocka_unit_test(rpc_services),
		cmocka_unit_test(tcpmux_services_have_no_socket),
		cmocka_unit_test(internal_services),
		cmocka_unit_test(
		    pages_are_for_this_host_unless_the_entry_says_more),
		cmocka_unit_test(what_is_closed_to_everybody_stays_closed),
		cmocka_unit_test(redirected_services),
		cmocka_unit_test(defaults_hold_where_an_entry_says_nothing),
		cmocka_unit_test(entries_add_to_defaults_and_take_from_them),
		cmocka_unit_test(
		    the_order_of_defaults_and_services_means_nothing),
		cmocka_unit_test(
		    wrong_defaults_are_told_once_and_nobody_is_served),
		cmocka_unit_test(enabled_and_disabled_go_by_id),
		cmocka_unit_test(a_disabled_entry_is_read_and_nothing_is_said),
		cmocka_unit_test(ids_of_disabled_entries_never_clash),
		cmocka_unit_test(
		    services_of_one_id_and_different_sockets_are_told_apart),
		cmocka_unit_test(blanks_and_comments_and_ends_of_lines),
		cmocka_unit_test(chkconfig_comments_are_comments),
		cmocka_unit_test(what_xinetd_reads_otherwise_is_read_and_said),
		cmocka_unit_test(quotes_group_words),
		cmocka_unit_test(lists_that_are_given_again),
		cmocka_unit_test(a_network_is_looked_up),
		cmocka_unit_test(
		    what_cannot_be_served_is_said_and_the_rest_goes_on),
		cmocka_unit_test(each_is_told_once),
		cmocka_unit_test(
		    who_hosts_deny_may_refuse_is_not_let_in_unasked),
		cmocka_unit_test(libwrap_that_is_not_built_in),
		cmocka_unit_test(text_that_means_nothing_is_a_syntax_error),
		cmocka_unit_test(an_entry_that_is_broken_is_not_served),
		cmocka_unit_test(includes_share_their_defaults),
		cmocka_unit_test(a_relative_include_is_told),
		cmocka_unit_test(a_file_that_includes_itself_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
