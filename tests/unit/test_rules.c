/* Rules that are one for all dialects: each is tried in all three. */
#include "tests/unit/unit.h"

#include "conf/load.h"
#include "conf/readers.h"
#include "conf/service.h"
#include "tests/unit/fake_names.h"

enum { DIALECTS = 3 };

static const char *const dialect_names[DIALECTS] = { "inetd.conf",
	"xinetd.conf", "superd.conf" };

struct host {
	bool libwrap;	   /* -w */
	bool hosts_refuse; /* hosts.deny has rules */
	bool internal;	   /* -W */
	bool unprivileged;
};

/* One rule.  A dialect without the words has no text; one where nothing is
 * wrong with them expects no report. */
struct rule {
	const char *name;
	const char *texts[DIALECTS];
	const char *said[DIALECTS];
	struct host host;
};

struct reading {
	struct load_context context;
	struct reports reports;
	struct conf *conf;
};

static void
read_text(struct reading *reading, size_t dialect, const char *text,
    const struct host *host)
{
	static void (*const readers[DIALECTS])(struct loader *,
	    struct source *) = { inetd_read, xinetd_read, superd_read };
	struct loader loader = { .read = load_source,
		.context = &reading->context,
		.reports = &reading->reports };
	struct source source;

	fake_context(&reading->context);
	reading->context.libwrap = host->libwrap;
	reading->context.hosts_refuse = host->hosts_refuse;
	reading->context.libwrap_internal = host->internal;
	reading->context.unprivileged = host->unprivileged;
	reading->context.our_uid = 1000;
	reports_init(&reading->reports);
	loader.conf = reading->conf = conf_new();
	assert_int_equal(source_memory(&source, "f", text, strlen(text),
			     &reading->reports),
	    0);
	readers[dialect](&loader, &source);
	source_free(&source);
	reports_sort(&reading->reports);
}

static void
reading_free(struct reading *reading)
{
	conf_free(reading->conf);
	reports_free(&reading->reports);
	names_free(reading->context.names);
}

/* What is expected, and nothing else; an error closes the service. */
static void
try_rule(const struct rule *rule, size_t dialect)
{
	const char *expected = rule->said[dialect];
	struct reading reading;
	char got[512] = "";
	size_t errors;

	read_text(&reading, dialect, rule->texts[dialect], &rule->host);
	errors = reports_at_least(&reading.reports, REPORT_UNSERVABLE);
	if (reading.reports.count > 0)
		report_format(&reading.reports.list[0], got, sizeof(got));
	if (reading.reports.count != (expected != NULL) ||
	    (expected != NULL && strstr(got, expected) == NULL))
		fail_msg("%s in %s: %zu reports: %s", rule->name,
		    dialect_names[dialect], reading.reports.count, got);
	if (reading.conf->services[0]->unservable != (errors > 0))
		fail_msg("%s in %s: errors and service disagree", rule->name,
		    dialect_names[dialect]);
	reading_free(&reading);
}

#define INETD(fields) fields " alice /bin/cat cat\n"
#define PROGRAM	      "user = alice\nserver = /bin/cat\n"
#define XINETD(lines) \
	"service ftp\n{\n" PROGRAM "flags = NOLIBWRAP\n" lines "}\n"
#define XINETD_ASKED(lines) "service ftp\n{\n" PROGRAM lines "}\n"
#define SUPERD(lines)	    "service ftp {\n" PROGRAM lines "}\n"
#define WAIT		    "socket_type = stream\nwait = yes\n"
#define NOWAIT		    "socket_type = stream\nwait = no\n"
#define DATAGRAM	    "socket_type = dgram\nwait = yes\n"
#define ALL(text)                \
	{                        \
		text, text, text \
	}
#define BUT_INETD(text)          \
	{                        \
		NULL, text, text \
	}

static const struct rule rules[] = {
	{ "a limit of one address, where the server accepts",
	    { INETD("ftp stream tcp wait/0/0/2"),
		XINETD(WAIT "per_source = 2\n"),
		SUPERD(WAIT "per_source = 2\n") },
	    ALL("error: per-address limits do not go with wait"), { 0 } },
	{ "a rate of one address, where the server accepts",
	    { INETD("ftp stream tcp wait/0/2"), NULL,
		SUPERD(WAIT "source_rate = 2\n") },
	    ALL("error: per-address limits do not go with wait"), { 0 } },
	{ "no limit of one address, where the server accepts",
	    { INETD("ftp stream tcp wait/0/0/0"),
		XINETD(WAIT "per_source = UNLIMITED\n"),
		SUPERD(WAIT "per_source = unlimited\n") },
	    ALL(NULL), { 0 } },
	{ "a limit of one address for datagrams",
	    { INETD("ftp dgram udp wait/0/0/2"),
		XINETD(DATAGRAM "per_source = 2\n"),
		SUPERD(DATAGRAM "per_source = 2\n") },
	    ALL(NULL), { 0 } },
	{ "a limit of one address in defaults",
	    { NULL, "defaults\n{\nper_source = 2\n}\n" XINETD(WAIT),
		"defaults {\nper_source = 2\n}\n" SUPERD(WAIT) },
	    BUT_INETD(
		"warning: per-address limits do not go with wait = yes: the "
		"server accepts its connections itself; it is served "
		"without them"),
	    { 0 } },
	{ "several instances of a wait service",
	    { INETD("ftp dgram udp wait/5"), XINETD(DATAGRAM "instances = 5\n"),
		SUPERD(DATAGRAM "instances = 5\n") },
	    ALL("warning: a wait service has only one child at a time, not 5"),
	    { 0 } },
	{ "one instance of a wait service",
	    { INETD("ftp dgram udp wait/1"), XINETD(DATAGRAM "instances = 1\n"),
		SUPERD(DATAGRAM "instances = 1\n") },
	    ALL(NULL), { 0 } },
	{ "a socket type that the protocol has not",
	    { INETD("ftp seqpacket icmp wait"),
		"service ftp\n{\n" PROGRAM
		"flags = NOLIBWRAP\nsocket_type = seqpacket\nprotocol = icmp\n"
		"type = UNLISTED\nport = 1\nwait = yes\n}\n",
		SUPERD(
		    "socket_type = seqpacket\nprotocol = icmp\nport = 1\n") },
	    ALL("error: socket type seqpacket does not go with protocol "
		"icmp"),
	    { 0 } },
	{ "datagrams without wait",
	    { INETD("ftp dgram udp nowait"),
		XINETD("socket_type = dgram\nwait = no\n"),
		SUPERD("socket_type = dgram\nwait = no\n") },
	    { "error: nowait does not go with socket type dgram",
		"error: wait = no does not go with socket type dgram",
		"error: wait = no does not go with socket type dgram" },
	    { 0 } },
	{ "a variable of the dynamic loader",
	    { NULL, XINETD(NOWAIT "passenv = LD_PRELOAD\n"),
		SUPERD("passenv = LD_PRELOAD\n") },
	    BUT_INETD("warning: passenv: LD_PRELOAD is never passed"), { 0 } },
	{ "host bits in a prefix",
	    { NULL, XINETD(NOWAIT "only_from = 10.1.2.3/8\n"),
		SUPERD("only_from = 10.1.2.3/8\n") },
	    BUT_INETD("warning: 10.1.2.3/8: the bits after"), { 0 } },
	{ "an address in both lists",
	    { NULL,
		XINETD(NOWAIT "only_from = 10.1.2.3 127.0.0.1\n"
			      "no_access = 10.1.2.3\n"),
		SUPERD("only_from = {10.1.2.3, "
		       "127.0.0.1}\nno_access = 10.1.2.3\n") },
	    BUT_INETD("warning: 10.1.2.3 is in both only_from and"), { 0 } },
	/* the better match wins is what superd.conf has always said */
	{ "a better match",
	    { NULL,
		XINETD(NOWAIT "only_from = 10.1.2.3\n"
			      "no_access = 10.0.0.0\n"),
		SUPERD("only_from = 10.1.2.3\n"
		       "no_access = 10.0.0.0\n") },
	    { NULL, "warning: only_from 10.1.2.3 matches more", NULL }, { 0 } },
	{ "a banner of who accepts nothing",
	    { NULL, XINETD(WAIT "banner = /b\n"),
		SUPERD(WAIT "banner = /b\n") },
	    BUT_INETD(
		"warning: only stream services with wait = no send banners"),
	    { 0 } },
	{ "a banner for datagrams",
	    { NULL, XINETD(DATAGRAM "banner_fail = /b\n"),
		SUPERD(DATAGRAM "banner_fail = /b\n") },
	    BUT_INETD(
		"warning: only stream services with wait = no send banners"),
	    { 0 } },
	{ "the traffic of a program",
	    { NULL, XINETD(NOWAIT "log_on_success = TRAFFIC\n"),
		SUPERD("log_on_success = TRAFFIC\n") },
	    BUT_INETD("warning: TRAFFIC is available"), { 0 } },
	{ "hosts.deny, where the server accepts",
	    { INETD("ftp stream tcp wait"), XINETD_ASKED(WAIT),
		SUPERD(WAIT "libwrap = yes\n") },
	    { "warning: hosts.allow and hosts.deny are not consulted "
	      "where the",
		"error: hosts.allow and hosts.deny have rules that refuse, "
		"but cannot be consulted where the server accepts "
		"connections itself",
		"error: hosts.allow and hosts.deny cannot be consulted "
		"where the server accepts connections itself" },
	    { .libwrap = true, .hosts_refuse = true } },
	{ "no rules of hosts.deny, where the server accepts",
	    { INETD("ftp stream tcp wait"), XINETD_ASKED(WAIT), SUPERD(WAIT) },
	    ALL("warning: hosts.allow and hosts.deny are not consulted "
		"where the server accepts connections itself"),
	    { .libwrap = true } },
	{ "hosts.deny, where superd accepts",
	    { INETD("ftp stream tcp nowait"), XINETD_ASKED(NOWAIT),
		SUPERD("") },
	    ALL(NULL), { .libwrap = true, .hosts_refuse = true } },
	{ "rpc over something else",
	    { INETD("rstatd/1 raw rpc/icmp wait"), NULL,
		"service rstatd {\n" PROGRAM
		"protocol = rpc/icmp\nrpc_version = 1\n}\n" },
	    ALL("error: unknown protocol rpc/icmp, did you mean rpc/tcp?"),
	    { 0 } },
	{ "an address of a tcpmux service",
	    { INETD("192.0.2.1:tcpmux/x stream tcp nowait"), NULL,
		SUPERD("type = TCPMUX\nbind = 192.0.2.1\n") },
	    ALL("error: a tcpmux service cannot have an address of its own"),
	    { 0 } },
	{ "a tcpmux service that waits",
	    { INETD("tcpmux/x stream tcp wait"), NULL,
		SUPERD("type = TCPMUX\n" WAIT) },
	    { "f:1:21: error: a tcpmux service needs nowait", NULL,
		"f:6:8: error: a tcpmux service needs wait = no" },
	    { 0 } },
	{ "a socket of somebody else, without privileges",
	    { INETD(":root::600:/x stream unix nowait"), NULL,
		SUPERD("listen = /x\nsocket_user = root\n") },
	    ALL("error: superd does not run as root and cannot become root"),
	    { .unprivileged = true } },
	{ "-W and datagrams that superd answers",
	    { "7 dgram udp wait root internal\n", NULL,
		"service echo {\ninternal = echo\nport = 7\nprotocol = "
		"udp\n}\n" },
	    ALL("error: hosts.allow and hosts.deny cannot be consulted "
		"for datagrams of internal services"),
	    { .internal = true } },
	{ "-W and programs",
	    { INETD("ftp stream tcp wait"), NULL, SUPERD(WAIT) }, ALL(NULL),
	    { .internal = true } },
	{ "-W and a sensor",
	    { NULL, NULL,
		"service ftp {\nflags = SENSOR\ndeny_time = 1m\n}\n" },
	    ALL(NULL), { .internal = true } },
	{ "an internal service that does not exist",
	    { "ftp stream tcp nowait alice internal\n",
		"service ftp\n{\nflags = NOLIBWRAP\ntype = INTERNAL\n" NOWAIT
		"}\n",
		"service ftp {\ninternal = ftp\n}\n" },
	    ALL("error: no internal service ftp for this socket type"), { 0 } },
};

static void
each_rule_is_one_in_all_dialects(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		for (size_t d = 0; d < DIALECTS; d++)
			if (rules[i].texts[d] != NULL)
				try_rule(&rules[i], d);
}

/* What is not held must not be shown as if it were. */
static void
a_limit_that_nobody_can_hold_is_not_in_the_model(void **state)
{
	const struct host host = { .libwrap = false };
	struct reading reading;
	const struct limits *limits;

	(void)state;
	read_text(&reading, 2,
	    "defaults {\nper_source = 2 source_rate = 3\n"
	    "}\n" SUPERD(WAIT),
	    &host);
	limits = &reading.conf->services[0]->limits;
	assert_int_equal(limits->per_source, LIMIT_NONE);
	assert_int_equal(limits->source_rate.count, LIMIT_NONE);
	assert_false(reading.conf->services[0]->unservable);
	reading_free(&reading);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_one_in_all_dialects),
		cmocka_unit_test(
		    a_limit_that_nobody_can_hold_is_not_in_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
