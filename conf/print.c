/*
 * A conf as superd.conf text: one section per service, in which everything
 * stands that differs from what superd does anyway.  What the readers found
 * out by asking the host (ids, groups) is left out where the name stands.
 */
#include "conf/print.h"

#include <netinet/in.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "conf/hours.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

enum { MODE = 0666, UMASK = 022, NUMBER = 32, DECIMALS = 17,
	HOST_TEXT = ADDR_TEXT + 2 };

/* Where it goes; indent: what stands before a name. */
struct output {
	FILE *file;
	const char *indent;
};

/* A word for each bit; name NULL ends the table. */
struct word {
	unsigned value;
	const char *name;
};

/* Texts. */

static void
print_name(const struct output *out, const char *name)
{
	fprintf(out->file, "%s%s = ", out->indent, name);
}

static void print_line(const struct output *, const char *, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static void
print_line(const struct output *out, const char *name, const char *fmt, ...)
{
	va_list ap;

	print_name(out, name);
	va_start(ap, fmt);
	vfprintf(out->file, fmt, ap);
	va_end(ap);
	fputc('\n', out->file);
}

/* What libconfuse reads back as the same text: in double quotes a backslash
 * protects, and a dollar may open a variable. */
static void
print_quoted(const struct output *out, const char *text)
{
	fputc('"', out->file);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\' || c == '$')
			fprintf(out->file, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out->file, "\\x%02x", c);
		else
			fputc(c, out->file);
	}
	fputc('"', out->file);
}

static void
print_text(const struct output *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	print_name(out, name);
	print_quoted(out, value);
	fputc('\n', out->file);
}

static void
print_word(const struct output *out, const char *name, const char *value)
{
	print_line(out, name, "%s", value);
}

static void
print_bool(const struct output *out, const char *name, bool value)
{
	if (value)
		print_word(out, name, "yes");
}

static void
print_list(const struct output *out, const char *name, char *const *list)
{
	print_name(out, name);
	fputc('{', out->file);
	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		fputs(i > 0 ? ", " : "", out->file);
		print_quoted(out, list[i]);
	}
	fputs("}\n", out->file);
}

static void
print_words(const struct output *out, const char *name, unsigned bits,
    const struct word *words)
{
	const char *before = "";

	if (bits == 0)
		return;
	print_name(out, name);
	fputc('{', out->file);
	for (; words->name != NULL; words++)
		if (bits & words->value) {
			fprintf(out->file, "%s%s", before, words->name);
			before = ", ";
		}
	fputs("}\n", out->file);
}

/* Limits. */

static bool
is_limit(unsigned value)
{
	return value != LIMIT_NONE && value != LIMIT_UNSET;
}

/* "unlimited" where the global section would limit it. */
static void
print_count(const struct output *out, const char *name, unsigned value,
    unsigned global)
{
	if (is_limit(value))
		print_line(out, name, "%u", value);
	else if (is_limit(global) && value == LIMIT_NONE)
		print_word(out, name, "unlimited");
}

static void
print_rate(const struct output *out, const char *name, const struct rate *rate,
    const struct rate *global)
{
	if (is_limit(rate->count))
		print_line(out, name, "%u/%us", rate->count,
		    rate->seconds);
	else if (is_limit(global->count) && rate->count == LIMIT_NONE)
		print_word(out, name, "unlimited");
}

static void
print_seconds(const struct output *out, const char *name, unsigned seconds)
{
	if (is_limit(seconds))
		print_line(out, name, "%us", seconds);
}

/* usual: what it is where it is not said. */
static void
print_idle(const struct output *out, const char *name, unsigned seconds,
    unsigned usual)
{
	if (seconds == usual || seconds == LIMIT_UNSET)
		return;
	if (seconds == LIMIT_NONE)
		print_word(out, name, "unlimited");
	else
		print_seconds(out, name, seconds);
}

static void
print_bytes(const struct output *out, const char *name, unsigned bytes)
{
	if (bytes != 0)
		print_line(out, name, "%u", bytes);
}

static bool
reads_back(const char *text, double value)
{
	double other = strtod(text, NULL);

	return !(other < value) && !(other > value);
}

/* With as few decimals as read back the same. */
static void
print_load(const struct output *out, double load)
{
	char text[NUMBER * 16];

	if (!(load > 0))
		return;
	for (int decimals = 0; decimals <= DECIMALS; decimals++) {
		snprintf(text, sizeof(text), "%.*f", decimals, load);
		if (reads_back(text, load))
			break;
	}
	print_word(out, "max_load", text);
}

static void
print_limits(const struct output *out, const struct limits *limits,
    const struct limits *global)
{
	print_count(out, "instances", limits->instances, global->instances);
	/* what is not said is a share here, and no limit is said */
	print_count(out, "per_source", limits->per_source,
	    global->per_source == LIMIT_NONE ? LIMIT_NONE : 1);
	print_rate(out, "rate", &limits->rate, &global->rate);
	print_rate(out, "source_rate", &limits->source_rate,
	    &global->source_rate);
	print_seconds(out, "max_pause", limits->max_pause);
	print_idle(out, "internal_idle", limits->internal_idle,
	    global->internal_idle == LIMIT_UNSET ? INTERNAL_IDLE :
	    global->internal_idle);
	print_load(out, limits->max_load);
	if (limits->excess == EXCESS_REFUSE)
		print_word(out, "excess", "refuse");
}

/* Where it listens. */

static const char *
socktype_name(int socktype)
{
	const char *const *names = resolve_socktype_names();

	for (; *names != NULL; names++)
		if (resolve_socktype(*names) == socktype)
			return *names;
	return NULL;
}

/* What resolve_protocol() makes of a name, as far as families go. */
static enum family_choice
family_of_protocol(const struct service *service)
{
	static const struct {
		const char *end;
		enum family_choice family;
	} ends[] = {
		{ "p6only", FAMILY_INET6 }, { "p46", FAMILY_DUAL },
		{ "p4", FAMILY_INET }, { "p6", FAMILY_INET6 },
	};
	const char *proto = service->proto;
	size_t length = strlen(proto);

	if (service->protocol != IPPROTO_TCP &&
	    service->protocol != IPPROTO_UDP)
		return strncmp(proto, "ipv6", 4) == 0 ? FAMILY_INET6 :
		    FAMILY_INET;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (length > strlen(ends[i].end) && strcmp(proto + length -
		    strlen(ends[i].end), ends[i].end) == 0)
			return ends[i].family;
	return FAMILY_BOTH;
}

static void
print_family(const struct output *out, const struct service *service)
{
	static const char *const names[] = {
		[FAMILY_BOTH] = "both", [FAMILY_INET] = "ipv4",
		[FAMILY_INET6] = "ipv6", [FAMILY_DUAL] = "dual",
	};

	if (service->family != FAMILY_UNIX &&
	    service->family != family_of_protocol(service))
		print_word(out, "family", names[service->family]);
}

/* How many endpoints, from the first on, "*" stands for. */
static size_t
match_any(const struct service *service, size_t first)
{
	const struct endpoint *one = &service->endpoints[first];
	const struct endpoint *two = first + 1 < service->nendpoints ?
	    one + 1 : NULL;
	sa_family_t family = one->addr.u.sa.sa_family;

	if (!addr_is_any(&one->addr))
		return 0;
	switch (service->family) {
	case FAMILY_BOTH:
		return family == AF_INET && two != NULL && two->optional &&
		    two->addr.u.sa.sa_family == AF_INET6 &&
		    addr_is_any(&two->addr) &&
		    addr_port(&two->addr) == addr_port(&one->addr) ? 2 : 0;
	case FAMILY_INET:
		return family == AF_INET;
	default:
		return family == AF_INET6;
	}
}

/* Consecutive ports of one host. */
struct run {
	char host[HOST_TEXT];
	unsigned low, high;
	bool first;		/* of the list */
};

static void
print_run(const struct output *out, struct run *run)
{
	char text[HOST_TEXT + NUMBER];

	if (run->host[0] == '\0')
		return;
	if (run->low == 0)
		snprintf(text, sizeof(text), "%s", run->host);
	else if (run->low == run->high)
		snprintf(text, sizeof(text), "%s:%u", run->host, run->low);
	else
		snprintf(text, sizeof(text), "%s:%u-%u", run->host, run->low,
		    run->high);
	fputs(run->first ? "" : ", ", out->file);
	print_quoted(out, text);
	run->first = false;
}

static void
run_add(const struct output *out, struct run *run, const char *host,
    unsigned port)
{
	if (strcmp(run->host, host) == 0 && port != 0 &&
	    port == run->high + 1) {
		run->high = port;
		return;
	}
	print_run(out, run);
	snprintf(run->host, sizeof(run->host), "%s", host);
	run->low = run->high = port;
}

static const char *
host_text(const struct addr *addr, char *buf, size_t size)
{
	char host[ADDR_TEXT];

	switch (addr->u.sa.sa_family) {
	case AF_UNIX:
		return addr_print(addr, buf, size);
	case AF_INET6:
		addr_print_host(addr, host, sizeof(host));
		snprintf(buf, size, "[%s]", host);
		return buf;
	default:
		return addr_print_host(addr, buf, size);
	}
}

static void
print_listen(const struct output *out, const struct service *service)
{
	struct run run = { .first = true };
	char text[HOST_TEXT];
	size_t step;

	if (service->nendpoints == 0)
		return;
	print_name(out, "listen");
	fputc('{', out->file);
	for (size_t i = 0; i < service->nendpoints; i += step) {
		const struct addr *addr = &service->endpoints[i].addr;

		step = match_any(service, i);
		run_add(out, &run, step > 0 ? "*" : host_text(addr, text,
		    sizeof(text)), addr_port(addr));
		step += step == 0;
	}
	print_run(out, &run);
	fputs("}\n", out->file);
}

/* The port, where the first endpoint does not tell. */
static void
print_port(const struct output *out, const struct service *service)
{
	if (service->port != 0 && (service->nendpoints == 0 ||
	    addr_port(&service->endpoints[0].addr) != service->port))
		print_line(out, "port", "%u", service->port);
}

static void
print_node(const struct output *out, const struct unix_node *node)
{
	if (node->owned) {
		print_line(out, "socket_user", "%u", (unsigned)node->uid);
		print_line(out, "socket_group", "%u", (unsigned)node->gid);
	}
	if (node->mode != MODE)
		print_line(out, "socket_mode", "%04o", node->mode);
}

static void
print_rpc(const struct output *out, const struct service *service)
{
	const struct rpc_spec *rpc = &service->rpc;

	if (!rpc->enabled || rpc->program == 0)
		return;
	print_line(out, "rpc_number", "%lu", rpc->program);
	print_line(out, "rpc_version", "%u-%u", rpc->low, rpc->high);
}

static void
print_type(const struct output *out, const struct service *service)
{
	if (service->mux == MUX_PLAIN)
		print_word(out, "type", "TCPMUX");
	else if (service->mux == MUX_PLUS)
		print_word(out, "type", "TCPMUXPLUS");
	else if (service->rpc.enabled &&
	    strncmp(service->proto, "rpc/", 4) != 0)
		print_word(out, "type", "RPC");
}

static void
print_socket(const struct output *out, const struct service *service,
    const struct globals *globals)
{
	/* unset in what was never finished */
	if (socktype_name(service->socktype) != NULL)
		print_word(out, "socket_type",
		    socktype_name(service->socktype));
	print_text(out, "protocol", service->proto);
	print_word(out, "wait", service->wait ? "yes" : "no");
	print_type(out, service);
	print_family(out, service);
	print_port(out, service);
	print_listen(out, service);
	print_rpc(out, service);
	print_node(out, &service->node);
	print_text(out, "interface", service->interface);
	if (service->multicast != NULL)
		print_list(out, "multicast", service->multicast);
	print_bytes(out, "rcvbuf", service->rcvbuf);
	print_bytes(out, "sndbuf", service->sndbuf);
	if (is_limit(service->backlog) &&
	    service->backlog != globals->backlog)
		print_line(out, "backlog", "%u", service->backlog);
}

/* What serves it. */

enum {
	BIT_NAMEINARGS = 1, BIT_NODELAY = 2, BIT_KEEPALIVE = 4,
	BIT_NORETRY = 8, BIT_IDONLY = 16, BIT_INTERCEPT = 32,
	BIT_SENSOR = 64, BIT_LABELED = 128
};

/* argv[0] is not what it is without a word; there is none at all in what
 * was disabled before it was made. */
static bool
names_itself(const struct command *command)
{
	const char *slash;

	if (command->program == NULL)
		return false;
	if (command->argv == NULL)
		return true;
	slash = strrchr(command->program, '/');
	return strcmp(command->argv[0], slash != NULL ? slash + 1 :
	    command->program) != 0;
}

static void
print_flags(const struct output *out, const struct service *service)
{
	static const struct word words[] = {
		{ BIT_NAMEINARGS, "NAMEINARGS" },
		{ BIT_NODELAY, "NODELAY" }, { BIT_KEEPALIVE, "KEEPALIVE" },
		{ BIT_NORETRY, "NORETRY" }, { BIT_IDONLY, "IDONLY" },
		{ BIT_INTERCEPT, "INTERCEPT" }, { BIT_SENSOR, "SENSOR" },
		{ BIT_LABELED, "LABELED" }, { 0, NULL }
	};
	unsigned bits = 0;

	bits |= names_itself(&service->command) ? BIT_NAMEINARGS : 0;
	bits |= service->nodelay ? BIT_NODELAY : 0;
	bits |= service->keepalive ? BIT_KEEPALIVE : 0;
	bits |= service->noretry ? BIT_NORETRY : 0;
	bits |= service->idonly ? BIT_IDONLY : 0;
	bits |= service->intercept ? BIT_INTERCEPT : 0;
	bits |= service->sensor ? BIT_SENSOR : 0;
	bits |= service->labeled ? BIT_LABELED : 0;
	print_words(out, "flags", bits, words);
}

static void
print_redirect(const struct output *out, const struct redirect *redirect)
{
	if (redirect->host != NULL) {
		print_name(out, "redirect");
		fputc('{', out->file);
		print_quoted(out, redirect->host);
		fputs(", ", out->file);
		print_quoted(out, redirect->port);
		fputs("}\n", out->file);
	}
	print_idle(out, "redirect_idle", redirect->idle, REDIRECT_IDLE);
}

static void
print_rlimit_value(const struct output *out, rlim_t value)
{
	if (value == RLIM_INFINITY)
		fputs("unlimited", out->file);
	else
		fprintf(out->file, "%llu", (unsigned long long)value);
}

static void
print_rlimits(const struct output *out, const struct command *command)
{
	for (size_t i = 0; i < command->nrlimits; i++) {
		const struct resource_limit *limit = &command->rlimits[i];

		fprintf(out->file, "%srlimit_%s = ", out->indent,
		    resource_name(limit->resource));
		print_rlimit_value(out, limit->soft);
		if (limit->hard != limit->soft) {
			fputc(':', out->file);
			print_rlimit_value(out, limit->hard);
		}
		fputc('\n', out->file);
	}
}

static void
print_environment(const struct output *out, const struct command *command)
{
	if (command->env != NULL)
		print_list(out, "env", command->env);
	if (command->passenv_set)
		print_list(out, "passenv", command->passenv);
	print_bool(out, "env_all", command->env_all);
	print_bool(out, "env_user", command->env_user);
	print_bool(out, "env_peer", command->env_peer);
	print_bool(out, "env_remote_host", command->env_remote_host);
}

static void
print_command(const struct output *out, const struct service *service)
{
	static const char *const stderrs[] = {
		[STDERR_SOCKET] = NULL, [STDERR_LOG] = "log",
		[STDERR_NULL] = "null",
	};
	const struct command *command = &service->command;

	if (!service->sensor)
		print_text(out, "internal", service->internal);
	print_redirect(out, &service->redirect);
	print_text(out, "server", command->program);
	if (strings_count(command->argv) > (names_itself(command) ? 0 : 1))
		print_list(out, "server_args", command->argv +
		    !names_itself(command));
	print_text(out, "user", command->user);
	print_text(out, "group", command->group);
	if (command->user != NULL && command->ngroups == 0)
		print_word(out, "groups", "no");
	else if (command->own_group)
		print_word(out, "groups", "all");
	print_flags(out, service);
	print_environment(out, command);
	if (command->umask != UMASK)
		print_line(out, "umask", "%03o", command->umask);
	if (command->nice_set)
		print_line(out, "nice", "%d", command->nice);
	print_rlimits(out, command);
	print_text(out, "chroot", command->chroot);
	print_text(out, "directory", command->directory);
	if (stderrs[command->stderr_to] != NULL)
		print_word(out, "stderr", stderrs[command->stderr_to]);
}

/* Rules. */

static void
print_hours(const struct output *out, const struct access *access)
{
	char text[NUMBER];

	if (access->nhours == 0)
		return;
	print_name(out, "access_times");
	fputc('{', out->file);
	for (size_t i = 0; i < access->nhours; i++)
		fprintf(out->file, "%s\"%s\"", i > 0 ? ", " : "",
		    hours_print(&access->hours[i], text, sizeof(text)));
	fputs("}\n", out->file);
}

static void
print_access(const struct output *out, const struct access *access)
{
	if (access->only_from_set)
		print_list(out, "only_from", access->only_from);
	if (access->no_access != NULL)
		print_list(out, "no_access", access->no_access);
	print_hours(out, access);
	print_bool(out, "libwrap", access->libwrap);
	print_text(out, "libwrap_name", access->libwrap_name);
}

static void
print_log_size(const struct output *out, uint64_t size)
{
	if (size == 0)
		fputs(", unlimited", out->file);
	else
		fprintf(out->file, ", %llu", (unsigned long long)size);
}

static void
print_log(const struct output *out, const struct log_target *log)
{
	const char *facility = facility_name(log->facility);
	const char *level = level_name(log->level);

	switch (log->kind) {
	case LOG_TO_DEFAULT:
		break;
	case LOG_TO_SYSLOG:
		print_line(out, "log_type", "{SYSLOG, %s, %s}",
		    facility != NULL ? facility : "daemon",
		    level != NULL ? level : "info");
		break;
	case LOG_TO_STDERR:
		print_word(out, "log_type", "STDERR");
		break;
	case LOG_TO_FILE:
		print_name(out, "log_type");
		fputs("{FILE, ", out->file);
		print_quoted(out, log->path);
		if (log->soft != 0 || log->hard != 0) {
			print_log_size(out, log->soft);
			print_log_size(out, log->hard);
		}
		fputs("}\n", out->file);
		break;
	}
}

static void
print_rules(const struct output *out, const struct service *service,
    const struct globals *globals)
{
	static const struct word words[] = {
		{ LOGS_PID, "PID" }, { LOGS_HOST, "HOST" },
		{ LOGS_USERID, "USERID" }, { LOGS_EXIT, "EXIT" },
		{ LOGS_DURATION, "DURATION" }, { LOGS_TRAFFIC, "TRAFFIC" },
		{ LOGS_ATTEMPT, "ATTEMPT" }, { 0, NULL }
	};

	print_limits(out, &service->limits, &globals->limits);
	print_access(out, &service->access);
	if (service->deny_time < 0)
		print_word(out, "deny_time", "forever");
	else if (service->deny_time > 0)
		print_line(out, "deny_time", "%dm", service->deny_time);
	else if (service->sensor)
		print_word(out, "deny_time", "never");
	print_text(out, "banner", service->banner);
	print_text(out, "banner_success", service->banner_success);
	print_text(out, "banner_fail", service->banner_fail);
	print_log(out, &service->log);
	print_words(out, "log_on_success", service->log_on_success, words);
	print_words(out, "log_on_failure", service->log_on_failure, words);
}

/* Sections. */

static void
print_place(const struct output *out, const struct place *place)
{
	if (place->file == NULL)
		return;
	fputs("# ", out->file);
	print_quoted(out, place->file);
	fprintf(out->file, ", line %u\n", place->line);
}

/* What a section without this option is called. */
static bool
name_is_id(const struct service *service)
{
	return strcmp(service->name, service->id) == 0 &&
	    (service->id[0] == '/' || service->id[0] == '@' ||
	    strchr(service->id, '/') == NULL);
}

static void
print_service(FILE *file, const struct service *service,
    const struct globals *globals)
{
	const struct output out = { file, "\t" };

	fputs("service ", file);
	print_quoted(&out, service->id);
	fputs(" {\n", file);
	print_bool(&out, "disable", service->disabled);
	if (!name_is_id(service))
		print_text(&out, "name", service->name);
	print_socket(&out, service, globals);
	print_command(&out, service);
	print_rules(&out, service, globals);
	fputs("}\n", file);
}

void
service_print(const struct service *service, FILE *file)
{
	struct globals globals = { .backlog = LIMIT_UNSET };

	limits_unset(&globals.limits);
	print_service(file, service, &globals);
}

static void
print_globals(const struct output *out, const struct globals *globals)
{
	const struct client_bits *bits = &globals->client_bits;
	struct limits none;

	limits_unset(&none);
	print_text(out, "pid_file", globals->pid_file);
	print_text(out, "control", globals->control);
	print_text(out, "control_group", globals->control_group);
	/* superd has a limit of its own here */
	print_count(out, "max_children", globals->max_children, 1);
	print_count(out, "max_connections", globals->max_connections, 1);
	print_count(out, "backlog", globals->backlog, LIMIT_NONE);
	print_limits(out, &globals->limits, &none);
	print_log(out, &globals->log);
	if (bits->v4 != CLIENT_BITS_V4 || bits->v6 != CLIENT_BITS_V6)
		print_line(out, "source_prefix", "%u/%u", bits->v4,
		    bits->v6);
	print_bool(out, "strict", globals->strict);
	print_seconds(out, "load_timeout", globals->load_timeout);
	if (globals->load_memory > 0)
		print_line(out, "load_memory", "%llu",
		    (unsigned long long)globals->load_memory);
}

void
conf_print(const struct conf *conf, FILE *file)
{
	const struct output out = { file, "" };

	print_globals(&out, &conf->globals);
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		fputc('\n', file);
		print_place(&out, &service->place);
		if (!service->unservable) {
			print_service(file, service, &conf->globals);
			continue;
		}
		fputs("# ", file);
		print_quoted(&out, service->id);
		fputs(" cannot be served\n", file);
	}
}
