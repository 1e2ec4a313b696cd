/* The printer: what it writes, superd.conf's reader reads back as the same. */
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <sys/resource.h>

#include <syslog.h>
#include <unistd.h>

#include "conf/attribute.h"
#include "conf/box.h"
#include "conf/copy.h"
#include "conf/load.h"
#include "conf/print.h"
#include "conf/service.h"
#include "conf/socket_options.h"
#include "conf/source.h"
#include "conf/xalloc.h"
#include "conf/zone.h"
#include "tests/unit/fake_names.h"
#include "tests/unit/same_conf.h"

enum { ROUNDS = 3000, TEXT_MAX = 12 };

/* Chance: the same in every run. */

static uint64_t seed = 1;

static unsigned
any(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

static bool
maybe(void)
{
	return any(3) == 0;
}

/* With all that quoting is made for. */
static char *
any_text(const char *prefix)
{
	static const char hard[] = "\"\\'${}#=+,/* \n\t\x7f\xc3\xa4\x01;()-.a";
	char text[TEXT_MAX + 1];
	unsigned length = 1 + any(TEXT_MAX);

	for (unsigned i = 0; i < length; i++)
		text[i] = maybe() ?
		    hard[any(sizeof(hard) - 1)] :
		    (char)('a' + any(26));
	text[length] = '\0';
	return xasprintf("%s%s", prefix, text);
}

static char *
maybe_text(const char *prefix)
{
	return maybe() ? any_text(prefix) : NULL;
}

static char **
any_list(const char *prefix)
{
	char **list = NULL, *text;

	for (unsigned n = any(4); n > 0; n--) {
		text = any_text(prefix);
		strings_add(&list, text);
		free(text);
	}
	return list;
}

static unsigned
any_count(void)
{
	return maybe() ? 1 + any(100000) : LIMIT_NONE;
}

/* Models: one part after the other, all valid together. */

static void
make_inet(struct service *service)
{
	static const struct {
		const char *proto;
		int socktype, protocol;
	} kinds[] = {
		{ "tcp", SOCK_STREAM, IPPROTO_TCP },
		{ "udp", SOCK_DGRAM, IPPROTO_UDP },
	};
	static const char *const hosts[] = { "192.0.2.1", "2001:db8::1", "::1",
		"127.0.0.1" };
	unsigned kind = any(2), port = 1 + any(60000);
	struct addr addr;

	service->socktype = kinds[kind].socktype;
	service->protocol = kinds[kind].protocol;
	service->proto = xstrdup(kinds[kind].proto);
	service->family = (enum family_choice)any(FAMILY_UNIX);
	for (unsigned n = 1 + any(3); n > 0; n--, port += 1 + any(2)) {
		if (maybe()) {
			addr_parse_host(hosts[any(4)], (uint16_t)port, &addr);
			if (addr.u.sa.sa_family == AF_INET6 ?
				service->family != FAMILY_INET :
				service->family != FAMILY_INET6)
				service_add_endpoint(service, &addr,
				    addr.u.sa.sa_family == AF_INET6 &&
					service->family != FAMILY_DUAL,
				    false);
			continue;
		}
		if (service->family == FAMILY_BOTH ||
		    service->family == FAMILY_INET) {
			addr_any(AF_INET, (uint16_t)port, &addr);
			service_add_endpoint(service, &addr, false, false);
		}
		if (service->family != FAMILY_INET) {
			addr_any(AF_INET6, (uint16_t)port, &addr);
			service_add_endpoint(service, &addr,
			    service->family != FAMILY_DUAL,
			    service->family == FAMILY_BOTH);
		}
	}
	if (service->nendpoints == 0) {
		service->family = FAMILY_INET;
		addr_any(AF_INET, 9, &addr);
		service_add_endpoint(service, &addr, false, false);
	}
	service->port = maybe() ?
	    (uint16_t)(1 + any(60000)) :
	    addr_port(&service->endpoints[0].addr);
}

static void
make_unix(struct service *service)
{
	char *path = any_text(maybe() ? "@" : "/run/");
	struct addr addr;

	service->socktype = maybe() ? SOCK_SEQPACKET : SOCK_STREAM;
	service->proto = xstrdup("unix");
	service->family = FAMILY_UNIX;
	addr_parse_unix(path, &addr);
	service_add_endpoint(service, &addr, false, false);
	free(path);
	service->node.mode = maybe() ? any(01000) : 0666;
	if (maybe()) {
		service->node.owned = true;
		/* with and without an account */
		service->node.uid = maybe() ? 4000000000u : 77;
		service->node.gid = 88;
	}
}

static void
make_rpc(struct service *service)
{
	struct addr addr;

	service->socktype = SOCK_DGRAM;
	service->protocol = IPPROTO_UDP;
	service->proto = xstrdup(maybe() ? "rpc/udp4" : "udp4");
	service->family = FAMILY_INET;
	service->rpc.enabled = true;
	service->rpc.program = 1 + any(1000000);
	service->rpc.low = any(3);
	service->rpc.high = service->rpc.low + any(3);
	addr_any(AF_INET, 0, &addr);
	service_add_endpoint(service, &addr, false, false);
}

static void
make_raw(struct service *service)
{
	struct addr addr;

	service->socktype = SOCK_RAW;
	service->protocol = 1;
	service->proto = xstrdup("icmp");
	service->family = FAMILY_INET;
	addr_parse_host("127.0.0.1", 0, &addr);
	service_add_endpoint(service, &addr, false, false);
}

static void
make_mux(struct service *service)
{
	service->socktype = SOCK_STREAM;
	service->protocol = IPPROTO_TCP;
	service->proto = xstrdup("tcp");
	service->mux = maybe() ? MUX_PLUS : MUX_PLAIN;
}

/* Any, in the order of rows; some are of TCP only. */
static void
make_options(struct service *service)
{
	static const enum option_id ids[] = { OPTION_MARK, OPTION_TOS,
		OPTION_TTL, OPTION_FREEBIND, OPTION_TRANSPARENT,
		OPTION_DEFER_ACCEPT, OPTION_KEEPALIVE_TIME,
		OPTION_KEEPALIVE_INTERVAL, OPTION_KEEPALIVE_PROBES,
		OPTION_USER_TIMEOUT };

	service->options = xcalloc(sizeof(ids) / sizeof(ids[0]),
	    sizeof(*service->options));
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct socket_option option = { .option = ids[i],
			.value = ids[i] == OPTION_FREEBIND ||
				ids[i] == OPTION_TRANSPARENT ?
			    1 :
			    1 + any(100) };

		if (maybe() && *socket_option_wants(&option, service) == '\0')
			service->options[service->noptions++] = option;
	}
}

static void
make_socket(struct service *service)
{
	static void (*const make[])(struct service *) = { make_inet, make_inet,
		make_unix, make_rpc, make_raw, make_mux };

	make[any(sizeof(make) / sizeof(make[0]))](service);
	service->wait = service->mux == MUX_NONE &&
	    (maybe() ||
		(service->socktype != SOCK_STREAM &&
		    service->socktype != SOCK_SEQPACKET));
	service->rcvbuf = maybe() ? 1 + any(100000) : 0;
	service->sndbuf = maybe() ? 1 + any(100000) : 0;
	make_options(service);
	service->backlog = maybe() ? 1 + any(1000) : 1024;
	service->nodelay = maybe();
	service->keepalive = maybe();
	service->interface = maybe_text("eth");
	/* its sockets have to be such that hear the group */
	if (service->rpc.enabled && maybe())
		strings_add(&service->multicast,
		    maybe() ? "232.1.1.1 from "
			      "192.0.2.1" :
			      "224.0.1.1@eth0");
}

static void
make_user(struct command *command)
{
	command->user = xstrdup("alice");
	command->uid = 1000;
	command->gid = 1000;
	command->change_user = true;
	command->home = xstrdup("/home");
	command->shell = xstrdup("/bin/sh");
	if (maybe()) {
		command->group = xstrdup("staff");
		command->gid = 50;
	}
	if (maybe())
		return;
	command->groups = xcalloc(2, sizeof(gid_t));
	command->groups[0] = command->gid;
	command->groups[1] = 99;
	command->ngroups = 2;
}

static void
make_rlimits(struct command *command)
{
	static const int resources[] = { RLIMIT_NOFILE, RLIMIT_AS, RLIMIT_CPU,
		RLIMIT_CORE, RLIMIT_STACK };
	unsigned first = any(5);

	command->nrlimits = any(4);
	command->rlimits = xcalloc(command->nrlimits,
	    sizeof(struct resource_limit));
	for (unsigned i = 0; i < command->nrlimits; i++) {
		struct resource_limit *limit = &command->rlimits[i];

		limit->resource = resources[(first + i) % 5];
		limit->soft = any(100000);
		limit->hard = maybe() ? RLIM_INFINITY : limit->soft + any(2);
		if (maybe())
			limit->soft = limit->hard;
	}
}

static void
make_environment(struct command *command)
{
	command->env = any_list("NAME=");
	command->passenv_set = maybe();
	if (command->passenv_set)
		strings_add(&command->passenv, "TZ");
	command->env_all = maybe();
	command->env_user = maybe();
	command->env_peer = maybe();
	command->env_remote_host = maybe();
}

static void
make_box(struct command *command)
{
	struct box *box = xcalloc(1, sizeof(*box));

	command->box = box;
	box->no_new_privs = true; /* or there is none */
	box->fallback = maybe();
	box->private_tmp = maybe();
	box->private_net = maybe();
	box->private_pid = !command->listen_fds && maybe();
	box->private_ipc = maybe();
	box->tmp_size = box->private_tmp ? any(1 << 20) : 0;
	box->read_only = any_list("/");
	box->read_write = any_list("/");
	box->hidden = any_list("/");
	box->root = maybe_text("/");
	box->capabilities.set = maybe();
	if (box->capabilities.set)
		box->capabilities.bits = any(1 << 20);
	box->memory_max = any(1 << 30);
	box->pids_max = any(1 << 20);
	box->cpu_max = any(200);
	box->io_weight = any(10000);
	box->syscalls_set = maybe();
	if (box->syscalls_set)
		box->syscalls = any_list("call");
	box->denies = box->syscalls != NULL && maybe();
	box->oom.set = maybe();
	if (box->oom.set)
		box->oom.adjust = (int)any(2001) - 1000;
	for (unsigned i = 0, n = any(4); i < n; i++)
		box->cpus.bits[any(BOX_CPU_WORDS)] |= 1u << any(32);
}

static void
make_redirect(struct redirect *redirect)
{
	redirect->host = xstrdup("192.0.2.9");
	redirect->port = xstrdup("80");
	redirect->targets = xcalloc(1, sizeof(struct addr));
	redirect->ntargets = 1;
	addr_parse_host("192.0.2.9", 80, redirect->targets);
	redirect->idle = any_count();
}

static void
make_command(struct service *service)
{
	struct command *command = &service->command;
	char *text;

	make_user(command);
	make_rlimits(command);
	make_environment(command);
	command->umask = maybe() ? any(01000) : 022;
	command->nice_set = maybe();
	command->nice = command->nice_set ? (int)any(40) - 20 : 0;
	command->chroot = maybe_text("/");
	command->directory = maybe_text("/");
	command->stderr_to = (enum stderr_to)any(3);
	if (maybe() && !service->wait && service->socktype == SOCK_STREAM) {
		make_redirect(&service->redirect);
		return;
	}
	if (maybe() && !service->wait && service->socktype == SOCK_STREAM) {
		service->sensor = maybe();
		service->internal = xstrdup(
		    service->sensor ? "discard" : "echo");
		return;
	}
	command->program = any_text("/bin/");
	text = maybe() ?
	    any_text("") :
	    xstrdup(strrchr(command->program, '/') + 1);
	strings_add(&command->argv, text);
	free(text);
	/* descriptors 0 to 2 are no sockets then */
	command->listen_fds = service->wait && maybe();
	if (maybe())
		make_box(command);
	command->kill_after = any(10);
	if (command->listen_fds && command->stderr_to == STDERR_SOCKET)
		command->stderr_to = STDERR_LOG;
	for (unsigned n = any(4); n > 0; n--) {
		text = maybe() ? xstrdup("") : any_text("-");
		strings_add(&command->argv, text);
		free(text);
	}
}

static void
make_limits(struct limits *limits)
{
	limits->instances = any_count();
	limits->per_source = any_count();
	limits->rate.count = any_count();
	limits->rate.seconds = limits->rate.count != LIMIT_NONE ?
	    1 + any(100) :
	    0;
	limits->source_rate.count = any_count();
	limits->source_rate.seconds = limits->source_rate.count != LIMIT_NONE ?
	    1 + any(100) :
	    0;
	limits->max_pause = any_count();
	limits->internal_idle = any_count();
	limits->max_load = maybe() ? (1 + any(1000)) / 7.0 : 0;
	limits->time_limit = any_count();
	limits->excess = maybe() ? EXCESS_REFUSE : EXCESS_QUEUE;
}

static void
make_access(struct service *service)
{
	static const char *const rules[] = { "10.0.0.0/8", "192.168.0.0", "::1",
		"10.1.{2,3}", "host.example", ".example" };
	struct access *access = &service->access;

	/* the kernel, which sees who comes to a server, knows no names */
	bool sees = !service_accepts_itself(service);
	unsigned known = sees ? 6 : 4;

	if (sees || service->protocol == IPPROTO_TCP) {
		access->only_from_set = maybe();
		for (unsigned n = any(3); access->only_from_set && n > 0; n--)
			strings_add(&access->only_from, rules[any(known)]);
		if (maybe())
			strings_add(&access->no_access, rules[any(known)]);
	}
	if (sees)
		access->libwrap = maybe() && service->family != FAMILY_UNIX;
	access->libwrap_name = maybe_text("");
	access->nhours = any(3);
	access->hours = xcalloc(access->nhours, sizeof(struct hours));
	for (size_t i = 0; i < access->nhours; i++) {
		access->hours[i].from = any(MINUTES_PER_DAY);
		access->hours[i].to = any(MINUTES_PER_DAY + 1);
		access->hours[i].days = 1 + any(ALL_DAYS);
		if (any(10) == 0)
			access->hours[i].zone = zone_load("UTC");
	}
}

static void
make_log(struct log_target *log)
{
	log->kind = (enum log_kind)any(4);
	if (log->kind == LOG_TO_SYSLOG) {
		log->facility = LOG_LOCAL3;
		log->level = (int)any(8);
	} else if (log->kind == LOG_TO_FILE) {
		log->path = any_text("/var/log/");
		log->soft = any_count();
		log->hard = maybe() ? log->soft * 2 : log->soft;
	}
}

static void
make_rules(struct service *service)
{
	make_limits(&service->limits);
	service->redirect.idle = any_count();
	if (service->command.program == NULL && maybe())
		service->process = PROCESS_OWN;
	make_access(service);
	make_log(&service->log);
	service->deny_time = (int)any(5) - 1;
	service->idonly = maybe() && service_knows_user(service);
	service->banner = maybe_text("/");
	service->banner_success = maybe_text("/");
	service->banner_fail = maybe_text("/");
	service->log_on_success = any(128);
	service->log_on_failure = any(128);
}

static void
make_as_peer(struct command *command)
{
	free(command->user);
	free(command->group);
	free(command->groups);
	free(command->home);
	free(command->shell);
	command->user = xstrdup("@peer");
	command->group = command->home = command->shell = NULL;
	command->groups = NULL;
	command->ngroups = 0;
	command->uid = 0;
	command->gid = 0;
	command->change_user = command->env_user = command->own_group = false;
	command->as_peer = true;
}

static void
make_proxy(struct service *service)
{
	bool reads = maybe() && service->protocol == IPPROTO_TCP &&
	    !service->wait && service->mux == MUX_NONE;
	bool sends = maybe() && service->redirect.host != NULL;

	if (!reads && !sends)
		return;
	service->proxy = xcalloc(1, sizeof(*service->proxy));
	if (sends)
		service->proxy->sends = 1 + any(2);
	if (!reads)
		return;
	service->proxy->versions = 2 * (1 + any(3));
	service->proxy->timeout = 1 + any(4);
	strings_add(&service->proxy->from, "10.0.0.0/8");
	if (maybe())
		strings_add(&service->proxy->from, "::1");
}

static void
make_only(struct service *service)
{
	struct only_rules *only;

	if (service->family != FAMILY_UNIX || service->wait ||
	    service->socktype == SOCK_DGRAM)
		return;
	if (service->command.program != NULL && maybe()) {
		make_as_peer(&service->command);
		service->command.peer_root = maybe();
	}
	if (maybe())
		return;
	only = service->only = xcalloc(1, sizeof(*only));
	only->uids = xcalloc(2, sizeof(uid_t));
	only->gids = xcalloc(1, sizeof(gid_t));
	strings_add(&only->users, "alice");
	only->uids[only->nuids++] = 1000;
	if (maybe()) {
		strings_add(&only->users, "77");
		only->uids[only->nuids++] = 77;
	}
	if (maybe())
		return;
	strings_add(&only->groups, "staff");
	only->gids[only->ngids++] = 50;
}

static struct service *
make_service(void)
{
	struct service *service = service_new();

	service->id = any_text("");
	service->name = maybe() ? any_text("") : xstrdup(service->id);
	service->disabled = maybe();
	make_socket(service);
	make_command(service);
	make_proxy(service);
	make_only(service);
	make_rules(service);
	/* who accepts connections cannot have their clients limited */
	if (service_accepts_itself(service)) {
		service->limits.per_source = LIMIT_NONE;
		service->limits.source_rate = (struct rate){ LIMIT_NONE, 0 };
	}
	return service;
}

/* Printing and reading. */

static char *
print(const struct conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	conf_print(conf, file);
	fclose(file);
	return text;
}

static struct conf *
read_back(const char *text, struct load_context *context,
    struct reports *reports)
{
	char path[] = "/tmp/test_print.XXXXXX";
	int fd = mkstemp(path);
	size_t length = strlen(text);
	struct conf *conf;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
	close(fd);
	conf = conf_load(path, NULL, context, reports);
	unlink(path);
	return conf;
}

/* Errors other than that superd has no such feature, whose texts are read
 * all the same. */
static void
no_other_errors(const struct reports *reports, struct conf *conf,
    const char *text)
{
	for (size_t i = 0; i < reports->count; i++)
		if (reports->list[i].level != REPORT_WARNING &&
		    strstr(reports->list[i].text, "not supported") == NULL)
			fail_msg("line %u: %s\n%s", reports->list[i].place.line,
			    reports->list[i].text, text);
	for (size_t i = 0; i < conf->count; i++)
		conf->services[i]->unservable = false;
}

static void
reads_back_the_same(const struct conf *conf)
{
	struct load_context context;
	struct reports reports;
	char *text = print(conf), *again;
	struct conf *copy;

	fake_context(&context);
	reports_init(&reports);
	copy = read_back(text, &context, &reports);
	no_other_errors(&reports, copy, text);
	again = print(copy);
	if (!same_conf(conf, copy))
		fail_msg("not the same:\n%s\nand\n%s", text, again);
	conf_free(copy);
	reports_free(&reports);
	names_free(context.names);
	free(text);
	free(again);
}

static void
note_options(const struct conf *conf, bool *printed)
{
	char *text = print(conf);

	for (unsigned i = 0; i < OPTIONS; i++) {
		char *line = attributes[i].name != NULL ?
		    xasprintf("\n\t%s = ", attributes[i].name) :
		    NULL;

		if (line != NULL && strstr(text, line) != NULL)
			printed[i] = true;
		free(line);
	}
	free(text);
}

/* What other options say in print. */
static bool
is_said_otherwise(enum option_id id)
{
	static const enum option_id ids[] = { OPTION_V6ONLY, OPTION_BIND,
		OPTION_CPS, OPTION_BOX };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (id == ids[i])
			return true;
	/* all in one row, and not all of them in these models */
	return id >= OPTION_RLIMIT_AS && id <= OPTION_RLIMIT_STACK;
}

/* Every option that a service may have is in some of them. */
static void
any_service_reads_back_the_same(void **state)
{
	bool printed[OPTIONS] = { false };

	(void)state;
	for (unsigned n = 0; n < ROUNDS; n++) {
		struct conf *conf = conf_new();

		conf->globals.backlog = 1024;
		conf_add(conf, make_service());
		reads_back_the_same(conf);
		note_options(conf, printed);
		conf_free(conf);
	}
	for (unsigned i = 0; i < OPTIONS; i++)
		if ((attributes[i].where & IN_SERVICE) && !printed[i] &&
		    !is_said_otherwise((enum option_id)i))
			fail_msg("%s is never printed", attributes[i].name);
}

/* What a limit for all would limit has to say that it has none. */
static void
no_limit_is_said_where_there_is_one_for_all(void **state)
{
	struct conf *conf = conf_new();

	(void)state;
	conf->globals.backlog = 5;
	conf->globals.max_children = LIMIT_NONE;
	conf->globals.limits.instances = 10;
	conf->globals.limits.per_source = 11;
	conf->globals.limits.rate = (struct rate){ 12, 60 };
	conf->globals.limits.source_rate = (struct rate){ 13, 60 };
	for (unsigned n = 0; n < 100; n++) {
		conf_add(conf, make_service());
		reads_back_the_same(conf);
		service_free(conf->services[--conf->count]);
	}
	conf_free(conf);
}

static void
globals_read_back_the_same(void **state)
{
	struct conf *conf = conf_new(), *copy;
	struct load_context context;
	struct reports reports;
	char *text;

	(void)state;
	conf->globals.pid_file = xstrdup("/run/a\"b.pid");
	conf->globals.control = xstrdup("/run/${x}");
	conf->globals.control_group.name = xstrdup("staff");
	conf->globals.log = (struct log_target){ .kind = LOG_TO_SYSLOG,
		.facility = LOG_LOCAL1,
		.level = LOG_INFO };
	conf->globals.backlog = 7;
	conf->globals.max_children = LIMIT_NONE;
	conf->globals.internal_processes = 3;
	conf->globals.limits.rate = (struct rate){ 12, 30 };
	conf->globals.client_bits = (struct client_bits){ 24, 56 };
	conf->globals.strict = true;
	conf->globals.load_timeout = 90;
	conf->globals.stop = STOP_KILL;
	conf->globals.stop_timeout = 5;
	conf->globals.load_memory = 1 << 20;
	text = print(conf);
	fake_context(&context);
	reports_init(&reports);
	copy = read_back(text, &context, &reports);
	assert_int_equal(reports.count, 0);
	assert_string_equal(copy->globals.pid_file, "/run/a\"b.pid");
	assert_string_equal(copy->globals.control, "/run/${x}");
	assert_string_equal(copy->globals.control_group.name, "staff");
	assert_int_equal(copy->globals.log.facility, LOG_LOCAL1);
	assert_int_equal(copy->globals.backlog, 7);
	assert_int_equal(copy->globals.max_children, LIMIT_NONE);
	assert_int_equal(copy->globals.internal_processes, 3);
	assert_int_equal(copy->globals.limits.rate.count, 12);
	assert_int_equal(copy->globals.limits.rate.seconds, 30);
	assert_int_equal(copy->globals.client_bits.v4, 24);
	assert_int_equal(copy->globals.client_bits.v6, 56);
	assert_true(copy->globals.strict);
	assert_int_equal(copy->globals.load_timeout, 90);
	assert_int_equal(copy->globals.stop, STOP_KILL);
	assert_int_equal(copy->globals.stop_timeout, 5);
	assert_int_equal(copy->globals.load_memory, 1 << 20);
	conf_free(conf);
	conf_free(copy);
	reports_free(&reports);
	names_free(context.names);
	free(text);
}

/* Printed, it has this line, if any, and reads back the same. */
static void
converts_to(enum dialect dialect, const char *text, const char *line)
{
	char *printed;
	struct load_context context;
	struct reports reports;
	struct conf *conf;

	fake_context(&context);
	context.format = dialect;
	reports_init(&reports);
	conf = read_back(text, &context, &reports);
	no_other_errors(&reports, conf, text);
	assert_true(conf->count > 0);
	printed = print(conf);
	if (line != NULL && strstr(printed, line) == NULL)
		fail_msg("%s: %s", text, printed);
	free(printed);
	reads_back_the_same(conf);
	conf_free(conf);
	reports_free(&reports);
	names_free(context.names);
}

static void
converts(enum dialect dialect, const char *text)
{
	converts_to(dialect, text, NULL);
}

static void
lines_of_inetd_conf_convert(void **state)
{
	static const char *const texts[] = {
		"ftp stream tcp nowait root /bin/cat cat -l\n"
		"ftp dgram udp4 wait.50 alice:staff /bin/cat /bin/cat\n",
		"[::1]:7001 stream tcp6 nowait/5/60/2 alice /bin/cat cat 'a b'"
		"\n127.0.0.1,192.0.2.1:7002 stream tcp nowait alice /bin/cat "
		"x\n*:7003 stream tcp46 nowait alice /bin/cat cat\n",
		"ftp stream tcp nowait root internal echo\n",
		"ftp stream,10 tcp,rcvbuf=16k,sndbuf=8k nowait alice /bin/cat "
		"cat \"\" \"$HOME\" \\\\\n",
		"/run/a stream unix nowait root /bin/cat cat\n"
		":alice:staff:0600:/run/b dgram unix wait root /bin/cat cat\n",
		"rstatd/1-5 dgram rpc/udp wait root /bin/cat cat\n",
		"ftp stream tcp nowait root internal tcpmux\n"
		"tcpmux/x stream tcp nowait alice /bin/cat cat\n"
		"tcpmux/+y stream tcp nowait alice /bin/cat cat\n",
		"0 raw icmp wait root /bin/cat cat\n",
		"7 off socktype = stream, user = root, exec = /bin/cat;\n"
		"8 on user = root, exec = /bin/cat, args = cat \"a;b\", "
		"accept_max = 3, service_max = 4, ip_max = 5;\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		converts(DIALECT_INETD, texts[i]);
}

static void
sections_of_xinetd_conf_convert(void **state)
{
	static const char *const texts[] = {
		"service ftp\n{\nsocket_type = stream\nwait = no\n"
		"user = alice\nserver = /bin/cat\nserver_args = -u a\n}\n",
		"defaults\n{\ninstances = 60\ncps = 25 30\n"
		"only_from = 10.0.0.0 ::1 .example\nno_access = 10.1.{2,3}\n"
		"log_on_success = PID HOST EXIT\n}\n"
		"service x\n{\nid = x-1\ntype = UNLISTED\nport = 99\n"
		"protocol = tcp\nsocket_type = stream\nwait = no\n"
		"user = alice\ngroup = staff\ngroups = yes\n" /* "all" */
		"server = /bin/cat\nflags = NAMEINARGS NODELAY KEEPALIVE "
		"IPv6\nserver_args = mouse a\nenv = A=1 B=2\n"
		"passenv = TZ PATH\nnice = 5\numask = 077\n"
		"rlimit_as = 10M\nrlimit_files = 100\nrlimit_cpu = 20\n"
		"rlimit_stack = UNLIMITED\nper_source = UNLIMITED\n"
		"max_load = 2.5\naccess_times = 8:00-12:00 13:00-24:00\n"
		"banner = /etc/a\nbanner_fail = /etc/b\nlibwrap = y\n}\n",
		"service ftp\n{\ntype = INTERNAL\nid = t\nsocket_type = "
		"stream\nwait = no\nport = 21\ndisable = yes\n}\n"
		"service ftp\n{\nid = t\nsocket_type = dgram\nwait = yes\n"
		"user = root\nserver = /bin/cat\nserver_args = a\n"
		"disable = yes\n}\n",
		"service ftp\n{\nsocket_type = stream\nwait = no\n"
		"redirect = 192.0.2.1 80\nbind = 127.0.0.1\n}\n",
		"service ftp\n{\nsocket_type = stream\nwait = no\n"
		"user = root\nflags = SENSOR\ndeny_time = 60\n}\n",
		"service ftp\n{\nsocket_type = stream\nwait = no\n"
		"flags = SENSOR\ndeny_time = FOREVER\n}\n",
		"service ftp\n{\nsocket_type = stream\nwait = no\n"
		"flags = SENSOR\n}\n",
		"service ftp\n{\nsocket_type = stream\nwait = no\n"
		"user = alice\nserver = /bin/cat\nflags = IDONLY\n"
		"log_on_success = USERID\nlog_on_failure = USERID\n}\n",
		"service rstatd\n{\ntype = RPC\nrpc_version = 1-5\n"
		"socket_type = dgram\nprotocol = udp\nwait = yes\n"
		"user = root\nserver = /bin/cat\n}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		converts(DIALECT_XINETD, texts[i]);
}

/* This host knows the port of ftp, and no port of nosuch. */
static void
disabled_services_keep_their_addresses(void **state)
{
	static const struct {
		const char *text, *listen;
	} cases[] = {
		{ "service ftp { disable = yes bind = 127.0.0.1 }",
		    "\tlisten = {\"127.0.0.1:21\"}\n" },
		{ "defaults { bind = {\"::1\", 127.0.0.1} }\n"
		  "service ftp { disable = yes }",
		    "\tlisten = {\"[::1]:21\", \"127.0.0.1:21\"}\n" },
		{ "service nosuch { disable = yes bind = {127.0.0.1, \"::1\"} "
		  "}",
		    "\tlisten = {\"127.0.0.1\", \"[::1]\"}\n" },
		{ "service nosuch { disable = yes listen = \"[::1]\" }",
		    "\tlisten = {\"[::1]\"}\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		converts_to(DIALECT_SUPERD, cases[i].text, cases[i].listen);
}

/* Ids and file names come from a text, and stand in comments. */
static void
what_cannot_be_served_stays_in_its_comment(void **state)
{
	struct conf *conf = conf_new(), *copy;
	struct service *service = make_service();
	struct load_context context;
	struct reports reports;
	char *text;

	(void)state;
	free(service->id);
	service->id = xstrdup("a\nstrict = yes\nb");
	service->place.file = conf_file(conf, "/x\nstrict = yes\ny");
	service->unservable = true;
	conf_add(conf, service);
	text = print(conf);
	fake_context(&context);
	reports_init(&reports);
	copy = read_back(text, &context, &reports);
	assert_int_equal(reports.count, 0);
	assert_int_equal(copy->count, 0);
	assert_false(copy->globals.strict);
	conf_free(conf);
	conf_free(copy);
	reports_free(&reports);
	names_free(context.names);
	free(text);
}

static void
consecutive_ports_are_printed_as_a_range(void **state)
{
	struct conf *conf = conf_new();
	struct service *service = service_new();
	struct addr addr;
	char *text;

	(void)state;
	service->id = xstrdup("x");
	service->name = xstrdup("x");
	service->proto = xstrdup("tcp4");
	service->socktype = SOCK_STREAM;
	service->protocol = IPPROTO_TCP;
	service->family = FAMILY_INET;
	service->port = 20;
	for (uint16_t port = 20; port < 120; port++) {
		addr_any(AF_INET, port, &addr);
		service_add_endpoint(service, &addr, false, false);
	}
	conf_add(conf, service);
	text = print(conf);
	assert_non_null(strstr(text, "listen = {\"*:20-119\"}"));
	free(text);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_service_reads_back_the_same),
		cmocka_unit_test(no_limit_is_said_where_there_is_one_for_all),
		cmocka_unit_test(globals_read_back_the_same),
		cmocka_unit_test(lines_of_inetd_conf_convert),
		cmocka_unit_test(sections_of_xinetd_conf_convert),
		cmocka_unit_test(disabled_services_keep_their_addresses),
		cmocka_unit_test(what_cannot_be_served_stays_in_its_comment),
		cmocka_unit_test(consecutive_ports_are_printed_as_a_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
