/*
 * The attributes of xinetd.conf: one table, and a setter for each.  A setter
 * knows its own values; what depends on others waits in struct build.
 */
#include "conf/xinetd.h"

#include <sys/resource.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "conf/access.h"
#include "conf/hours.h"
#include "conf/resolve.h"
#include "conf/rules.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

enum { COUNT_MAX = 1000000000, NICE_MIN = -20, NICE_MAX = 19,
	MODE_MAX = 0777, ANY = INT_MAX,
	DENY_MAX = UINT_MAX / 60 };	/* minutes, in seconds below 2^32 */

/* Where only a soft limit is given, xinetd adds this, in bytes. */
enum { EXTRA_SHARE = 100, EXTRA_MIN = 5 * 1024, EXTRA_MAX = 20 * 1024 };

struct word {
	const char *name;
	unsigned bit;
};

/* Reports.  Lines of defaults are checked by themselves, since there may be
 * no service.  What is wrong in them is said again for each service that takes
 * them over, and becomes one report with their number. */

static bool
is_told_already(const struct build *build)
{
	return build->line->in_defaults && !build->defaults_only;
}

void
build_fail(struct build *build, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (is_told_already(build)) {
		build->service->unservable = true;
		build->service->retry = false;
	}
	if (build->line->in_defaults)
		report_add(build->loader.reports, REPORT_SYNTAX,
		    &build->line->place, "%s", text);
	else
		resolve_failed(&build->loader, build->service, false,
		    &build->line->place, "%s", text);
}

void
build_warn(struct build *build, const char *fmt, ...)
{
	va_list ap;

	if (is_told_already(build))
		return;
	va_start(ap, fmt);
	report_addv(build->loader.reports, REPORT_WARNING,
	    &build->line->place, fmt, ap);
	va_end(ap);
}

/* Values.  As for xinetd, words mean the same in any case. */

static bool
is_word(const char *text, const char *word)
{
	return strcasecmp(text, word) == 0;
}

static void
set_text(char **text, const char *value)
{
	free(*text);
	*text = xstrdup(value);
}

static bool
take_yes(struct build *build)
{
	bool yes = is_word(build->values[0], "yes");

	if (!yes && !is_word(build->values[0], "no"))
		build_fail(build, "%s: yes or no was expected",
		    build->attribute->name);
	return yes;
}

/* 0 would let nobody in, and means "no limit" to others. */
static unsigned
take_count(struct build *build)
{
	const char *text = build->values[0], *why;
	unsigned long long value;

	if (is_word(text, "UNLIMITED"))
		return LIMIT_NONE;
	if (parse_number(text, 1, COUNT_MAX, &value, &why) == 0)
		return (unsigned)value;
	build_fail(build, "%s: %s: a number or UNLIMITED was expected",
	    build->attribute->name, text);
	return LIMIT_NONE;
}

static unsigned
take_number(struct build *build, const char *text)
{
	unsigned long long value = 0;
	const char *why;

	if (parse_number(text, 0, COUNT_MAX, &value, &why) != 0) {
		build_fail(build, "%s: %s: a number was expected",
		    build->attribute->name, text);
		return 0;
	}
	return (unsigned)value;
}

static unsigned
take_words(struct build *build, const struct word *words, const char *what)
{
	unsigned bits = 0;

	for (size_t i = 0; i < build->n; i++) {
		const struct word *word = words;

		while (word->name != NULL && !is_word(build->values[i],
		    word->name))
			word++;
		if (word->name == NULL)
			build_fail(build, "%s: unknown %s %s",
			    build->attribute->name, what, build->values[i]);
		bits |= word->bit;
	}
	return bits;
}

/* Who. */

static void
set_id(struct build *build)
{
	if (build->values[0][0] == '\0')
		build_fail(build, "id: it is empty");
	else
		set_text(&build->service->id, build->values[0]);
}

static void
set_disable(struct build *build)
{
	take_yes(build);
}

static void
set_type(struct build *build)
{
	static const struct word words[] = {
		{ "RPC", TYPE_RPC }, { "INTERNAL", TYPE_INTERNAL },
		{ "UNLISTED", TYPE_UNLISTED }, { "TCPMUX", TYPE_TCPMUX },
		{ "TCPMUXPLUS", TYPE_TCPMUXPLUS }, { NULL, 0 }
	};

	build->types = take_words(build, words, "type");
}

static const struct word flag_words[] = {
	{ "NAMEINARGS", FLAG_NAMEINARGS }, { "NOLIBWRAP", FLAG_NOLIBWRAP },
	{ "IPv4", FLAG_IPV4 }, { "IPv6", FLAG_IPV6 },
	{ "NODELAY", FLAG_NODELAY }, { "KEEPALIVE", FLAG_KEEPALIVE },
	{ "NORETRY", FLAG_NORETRY }, { "REUSE", FLAG_REUSE },
	{ "SENSOR", FLAG_SENSOR }, { "INTERCEPT", FLAG_INTERCEPT },
	{ "IDONLY", FLAG_IDONLY }, { "LABELED", FLAG_LABELED }, { NULL, 0 }
};

/* What each of these keeps out would be let in. */
enum { FLAGS_UNSUPPORTED = FLAG_INTERCEPT | FLAG_LABELED };

static void
set_flags(struct build *build)
{
	struct service *service = build->service;

	build->flags = take_words(build, flag_words, "flag");
	for (const struct word *word = flag_words; word->name != NULL; word++)
		if (build->flags & word->bit & FLAGS_UNSUPPORTED)
			build_fail(build, "flags: flag %s cannot be honoured",
			    word->name);
	service->nodelay = (build->flags & FLAG_NODELAY) != 0;
	service->keepalive = (build->flags & FLAG_KEEPALIVE) != 0;
	service->idonly = (build->flags & FLAG_IDONLY) != 0;
	service->sensor = (build->flags & FLAG_SENSOR) != 0;
	if (build->flags & FLAG_NORETRY)
		build_warn(build, "flags: NORETRY has no effect: without a "
		    "process to spare, clients wait");
}

/* Socket. */

static void
set_socket_type(struct build *build)
{
	for (char *p = build->values[0]; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	build->service->socktype = resolve_socktype(build->values[0]);
	if (build->service->socktype < 0)
		build_fail(build, "socket_type: unknown socket type %s",
		    build->values[0]);
}

static void
set_protocol(struct build *build)
{
	set_text(&build->service->proto, build->values[0]);
}

static void
set_wait(struct build *build)
{
	build->wait_set = true;
	build->service->wait = take_yes(build);
}

static void
set_port(struct build *build)
{
	build->port = build->values[0];
}

static void
set_bind(struct build *build)
{
	build->bind = build->values[0];
	if (!build->line->in_defaults)
		build->places[PLACE_BIND] = &build->line->place;
}

static void
set_v6only(struct build *build)
{
	build->v6only_set = true;
	build->v6only = take_yes(build);
	/* in defaults, it takes it for no */
	if (!build->v6only && !build->line->in_defaults)
		build_warn(build, "v6only = no leaves the socket open to "
		    "IPv4: xinetd takes it for yes");
}

static void
set_rpc_version(struct build *build)
{
	build->rpc_version = build->values[0];
}

static void
set_rpc_number(struct build *build)
{
	build->rpc_number = build->values[0];
}

/* Command. */

static void
set_user(struct build *build)
{
	build->user = build->values[0];
	build->places[PLACE_USER] = &build->line->place;
}

static void
set_group(struct build *build)
{
	build->group = build->values[0];
}

static void
set_groups(struct build *build)
{
	build->groups = take_yes(build);
}

/* As in xinetd, a sensor needs no server, and starts none. */
static bool
serves_nobody(struct build *build)
{
	if (build->service->sensor)
		build_warn(build, "%s: this has no effect with the flag "
		    "SENSOR", build->attribute->name);
	return build->service->sensor;
}

static void
set_server(struct build *build)
{
	if (serves_nobody(build))
		return;
	resolve_program(&build->loader, build->service, build->values[0],
	    &build->line->place);
}

static void
set_server_args(struct build *build)
{
	build->args = build->values;
}

static void
set_env(struct build *build)
{
	for (size_t i = 0; i < build->n; i++) {
		const char *text = build->values[i];

		if (strchr(text, '=') == NULL || text[0] == '=')
			build_fail(build, "env: %s: NAME=value was expected",
			    text);
		else
			strings_add(&build->service->command.env, text);
	}
}

static void
set_passenv(struct build *build)
{
	build->service->command.passenv_set = true;
	for (size_t i = 0; i < build->n; i++) {
		strings_add(&build->service->command.passenv,
		    build->values[i]);
		if (!is_told_already(build))
			rules_passenv(build->loader.reports,
			    &build->line->place, build->values[i]);
	}
}

static void
set_nice(struct build *build)
{
	struct command *command = &build->service->command;
	const char *text = build->values[0];
	char *end;
	long value = strtol(text, &end, 10);

	if (*end != '\0' || end == text) {
		build_fail(build, "nice: %s: a number from %d to %d was "
		    "expected", text, NICE_MIN, NICE_MAX);
		return;
	}
	if (value < NICE_MIN || value > NICE_MAX) {
		value = value < NICE_MIN ? NICE_MIN : NICE_MAX;
		build_warn(build, "nice: %s: %ld is as far as it goes", text,
		    value);
	}
	command->nice_set = true;
	command->nice = (int)value;
}

static void
set_umask(struct build *build)
{
	unsigned mask;

	if (parse_octal(build->values[0], &mask) != 0 || mask > MODE_MAX)
		build_fail(build, "umask: an octal number up to %o was "
		    "expected", MODE_MAX);
	else
		build->service->command.umask = mask;
}

static void
set_rlimit(struct build *build)
{
	struct command *command = &build->service->command;
	const char *name = build->attribute->name + strlen("rlimit_");
	struct resource_limit limit;
	uint64_t value = RLIM_INFINITY;

	if (strcmp(name, "cpu") == 0 && !is_word(build->values[0],
	    "UNLIMITED"))
		take_number(build, build->values[0]);	/* no K, no M */
	if (parse_resource(name, &limit.resource) != 0 ||
	    (!is_word(build->values[0], "UNLIMITED") &&
	    parse_size(build->values[0], &value) != 0)) {
		build_fail(build, "%s: %s: a number, perhaps with K or M, or "
		    "UNLIMITED, was expected", build->attribute->name,
		    build->values[0]);
		return;
	}
	limit.soft = limit.hard = value;
	command->rlimits = xreallocarray(command->rlimits,
	    command->nrlimits + 1, sizeof(limit));
	command->rlimits[command->nrlimits++] = limit;
}

static void
set_redirect(struct build *build)
{
	struct redirect *redirect = &build->service->redirect;

	if (serves_nobody(build))
		return;
	set_text(&redirect->host, build->values[0]);
	set_text(&redirect->port, build->values[1]);
	resolve_redirect(&build->loader, build->service,
	    &build->line->place);
}

/* Limits. */

static void
set_instances(struct build *build)
{
	build->service->limits.instances = take_count(build);
}

static void
set_per_source(struct build *build)
{
	build->service->limits.per_source = take_count(build);
}

/* 0 connections per second: no limit. */
static void
set_cps(struct build *build)
{
	struct limits *limits = &build->service->limits;

	limits->rate.count = take_number(build, build->values[0]);
	limits->rate.seconds = 1;
	limits->max_pause = take_number(build, build->values[1]);
}

static void
set_max_load(struct build *build)
{
	char *end;
	double load = strtod(build->values[0], &end);

	if (*end != '\0' || !isfinite(load) || load <= 0)
		build_fail(build, "max_load: %s: a load was expected",
		    build->values[0]);
	else
		build->service->limits.max_load = load;
}

/* Access. */

/* A name without a dot may be one of networks(5). */
static char *
network_address(struct build *build, const char *name)
{
	uint32_t number;

	if (strpbrk(name, ".:/{") != NULL || names_network(
	    build->loader.context->names, name, &number) != 0 || number == 0)
		return NULL;
	return xasprintf("%u.%u.%u.%u", number >> 24, number >> 16 & 0xff,
	    number >> 8 & 0xff, number & 0xff);
}

static void
take_addresses(struct build *build, char ***list)
{
	build->places[PLACE_ACCESS] = &build->line->place;
	for (size_t i = 0; i < build->n; i++) {
		char *network = network_address(build, build->values[i]);
		const char *text = network != NULL ? network :
		    build->values[i], *wrong = access_wrong(text);

		if (wrong != NULL) {
			build_fail(build, "%s: %s", text, wrong);
		} else {
			strings_add(list, text);
			if (!is_told_already(build))
				rules_address(build->loader.reports,
				    &build->line->place, text);
		}
		free(network);
	}
}

/* Of IPv6, zeros on the right are not free: for xinetd "::" is an address that
 * nobody has.  It must not let in more here. */
static void
set_only_from(struct build *build)
{
	build->service->access.only_from_set = true;
	for (size_t i = 0; i < build->n; i++)
		if (access_is_zeros(build->values[i])) {
			build_warn(build, "only_from: %s is an address that "
			    "nobody has: all of IPv6 is ::/0",
			    build->values[i]);
			set_text(&build->values[i], "::/128");
		}
	take_addresses(build, &build->service->access.only_from);
}

static void
set_no_access(struct build *build)
{
	for (size_t i = 0; i < build->n; i++)
		if (access_is_zeros(build->values[i]))
			build_warn(build, "no_access: %s is taken for all of "
			    "IPv6: to xinetd it is an address that nobody "
			    "has", build->values[i]);
	take_addresses(build, &build->service->access.no_access);
}

static void
set_access_times(struct build *build)
{
	struct access *access = &build->service->access;

	access->hours = xcalloc(build->n, sizeof(*access->hours));
	for (size_t i = 0; i < build->n; i++) {
		struct hours hours;

		if (hours_parse(build->values[i], &hours) != 0 ||
		    hours.from >= hours.to) {
			build_fail(build, "access_times: %s: H:MM-H:MM within "
			    "one day was expected", build->values[i]);
			continue;
		}
		if (hours.to == MINUTES_PER_DAY)
			build_warn(build, "24:00 is the end of the day: "
			    "xinetd refuses it");
		access->hours[access->nhours++] = hours;
	}
}

static void
set_libwrap(struct build *build)
{
	set_text(&build->service->access.libwrap_name, build->values[0]);
	if (!build->loader.context->have_libwrap)
		build_fail(build, "libwrap: this superd was built without "
		    "it");
}

static void
set_deny_time(struct build *build)
{
	int *minutes = &build->service->deny_time;
	unsigned long long value;
	const char *why;

	if (is_word(build->values[0], "FOREVER"))
		*minutes = -1;
	else if (is_word(build->values[0], "NEVER"))
		*minutes = 0;
	else if (parse_number(build->values[0], 0, DENY_MAX, &value,
	    &why) == 0)
		*minutes = (int)value;
	else
		build_fail(build, "deny_time: %s: a number of minutes, "
		    "FOREVER or NEVER was expected", build->values[0]);
}

static void
set_banner(struct build *build)
{
	set_text(&build->service->banner, build->values[0]);
}

static void
set_banner_success(struct build *build)
{
	set_text(&build->service->banner_success, build->values[0]);
}

static void
set_banner_fail(struct build *build)
{
	set_text(&build->service->banner_fail, build->values[0]);
}

/* Log. */

static void
take_syslog(struct build *build)
{
	struct log_target *log = &build->service->log;

	log->kind = LOG_TO_SYSLOG;
	log->facility = LOG_DAEMON;
	log->level = LOG_INFO;
	if (build->n > 3 || parse_facility(build->values[1],
	    &log->facility) != 0 || (build->n > 2 &&
	    parse_level(build->values[2], &log->level) != 0))
		build_fail(build, "log_type: unknown facility or level");
}

static void
take_log_file(struct build *build)
{
	struct log_target *log = &build->service->log;
	uint64_t extra;

	log->kind = LOG_TO_FILE;
	if (build->values[1][0] == '/')
		set_text(&log->path, build->values[1]);
	else {
		build_warn(build, "log_type FILE %s: a relative path starts "
		    "from /", build->values[1]);
		free(log->path);
		log->path = xasprintf("/%s", build->values[1]);
	}
	if (build->n > 2 && parse_size(build->values[2], &log->soft) != 0)
		build_fail(build, "log_type: %s: a size was expected",
		    build->values[2]);
	extra = log->soft / EXTRA_SHARE;
	extra = extra < EXTRA_MIN ? EXTRA_MIN : extra;
	extra = extra > EXTRA_MAX ? EXTRA_MAX : extra;
	if (build->n == 3)
		log->hard = log->soft > UINT64_MAX - extra ? UINT64_MAX :
		    log->soft + extra;
	if (build->n > 3 && (parse_size(build->values[3], &log->hard) != 0 ||
	    log->hard < log->soft))
		build_fail(build, "log_type: %s: a size of at least %s was "
		    "expected", build->values[3], build->values[2]);
}

static void
set_log_type(struct build *build)
{
	if (is_word(build->values[0], "SYSLOG"))
		take_syslog(build);
	else if (is_word(build->values[0], "FILE"))
		take_log_file(build);
	else
		build_fail(build, "log_type: SYSLOG FACILITY [LEVEL] or FILE "
		    "PATH [SOFT [HARD]] was expected");
}

static void
set_log_on_success(struct build *build)
{
	static const struct word words[] = {
		{ "PID", LOGS_PID }, { "HOST", LOGS_HOST },
		{ "USERID", LOGS_USERID }, { "EXIT", LOGS_EXIT },
		{ "DURATION", LOGS_DURATION }, { "TRAFFIC", LOGS_TRAFFIC },
		{ NULL, 0 }
	};

	build->service->log_on_success = take_words(build, words, "word");
}

static void
set_log_on_failure(struct build *build)
{
	static const struct word words[] = {
		{ "HOST", LOGS_HOST }, { "USERID", LOGS_USERID },
		{ "ATTEMPT", LOGS_ATTEMPT }, { NULL, 0 }
	};

	build->service->log_on_failure = take_words(build, words, "word");
}

static void
set_ignored(struct build *build)
{
	build_warn(build, "this attribute has no effect");
}

/* In this order they are set, whatever the order of the lines. */
static const struct xattribute attributes[] = {
	{ "id", set_id, 1, 1, 0 },
	{ "disable", set_disable, 1, 1, 0 },
	{ "type", set_type, 1, ANY, LIST },
	{ "flags", set_flags, 1, ANY, LIST },
	{ "socket_type", set_socket_type, 1, 1, 0 },
	{ "protocol", set_protocol, 1, 1, 0 },
	{ "wait", set_wait, 1, 1, 0 },
	{ "port", set_port, 1, 1, 0 },
	{ "bind", set_bind, 1, 1, DEFAULTS },
	{ "v6only", set_v6only, 1, 1, DEFAULTS },
	{ "rpc_version", set_rpc_version, 1, 1, 0 },
	{ "rpc_number", set_rpc_number, 1, 1, 0 },
	{ "user", set_user, 1, 1, 0 },
	{ "group", set_group, 1, 1, 0 },
	{ "groups", set_groups, 1, 1, DEFAULTS },
	{ "server", set_server, 1, 1, 0 },
	{ "server_args", set_server_args, 1, ANY, LIST },
	{ "env", set_env, 0, ANY, LIST | AGAIN | NO_REMOVE },
	{ "passenv", set_passenv, 0, ANY, LIST | AGAIN | DEFAULTS | EARLY },
	{ "nice", set_nice, 1, 1, 0 },
	{ "umask", set_umask, 1, 1, DEFAULTS },
	{ "rlimit_as", set_rlimit, 1, 1, 0 },
	{ "rlimit_cpu", set_rlimit, 1, 1, 0 },
	{ "rlimit_data", set_rlimit, 1, 1, 0 },
	{ "rlimit_files", set_rlimit, 1, 1, 0 },
	{ "rlimit_rss", set_rlimit, 1, 1, 0 },
	{ "rlimit_stack", set_rlimit, 1, 1, 0 },
	{ "redirect", set_redirect, 2, 2, 0 },
	{ "instances", set_instances, 1, 1, DEFAULTS },
	{ "per_source", set_per_source, 1, 1, DEFAULTS },
	{ "cps", set_cps, 2, 2, DEFAULTS },
	{ "max_load", set_max_load, 1, 1, DEFAULTS },
	{ "only_from", set_only_from, 0, ANY, LIST | AGAIN | DEFAULTS |
	    EARLY | ADDRESSES },
	{ "no_access", set_no_access, 0, ANY, LIST | AGAIN | DEFAULTS |
	    EARLY | ADDRESSES },
	{ "access_times", set_access_times, 1, ANY, LIST },
	{ "libwrap", set_libwrap, 1, 1, 0 },
	{ "deny_time", set_deny_time, 1, 1, 0 },
	{ "banner", set_banner, 1, 1, DEFAULTS | EARLY },
	{ "banner_success", set_banner_success, 1, 1, DEFAULTS | EARLY },
	{ "banner_fail", set_banner_fail, 1, 1, DEFAULTS | EARLY },
	{ "log_type", set_log_type, 2, 4, DEFAULTS },
	{ "log_on_success", set_log_on_success, 0, ANY, LIST | AGAIN |
	    DEFAULTS },
	{ "log_on_failure", set_log_on_failure, 0, ANY, LIST | AGAIN |
	    DEFAULTS },
	{ "enabled", NULL, 0, ANY, LIST | AGAIN | DEFAULTS | ONLY_DEFAULTS },
	{ "disabled", NULL, 0, ANY, LIST | AGAIN | DEFAULTS |
	    ONLY_DEFAULTS },
	{ "mdns", set_ignored, 1, ANY, DEFAULTS },
};

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

const struct xattribute *
xattribute_find(const char *name)
{
	if (is_word(name, "interface"))
		name = "bind";	/* its other name */
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (is_word(name, attributes[i].name))
			return &attributes[i];
	return NULL;
}

const struct xattribute *
xattribute_at(size_t i)
{
	return i < ATTRIBUTES ? &attributes[i] : NULL;
}

const char *
xattribute_hint(struct hint *hint, const char *name)
{
	const char *names[ATTRIBUTES + 1];

	for (size_t i = 0; i < ATTRIBUTES; i++)
		names[i] = attributes[i].name;
	names[ATTRIBUTES] = NULL;
	return report_hint(hint, name, names);
}
