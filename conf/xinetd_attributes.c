/*
 * The attributes of xinetd.conf: one table, and a setter for each.  A setter
 * knows its own values; what depends on others waits in struct unmade.
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
#include "conf/choice.h"
#include "conf/hours.h"
#include "conf/resolve.h"
#include "conf/rules.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

enum {
	COUNT_MAX = 1000000000,
	NICE_MIN = -20,
	NICE_MAX = 19,
	MODE_MAX = 0777,
	ANY = INT_MAX,
	DENY_MAX = UINT_MAX / 60
}; /* minutes, in seconds below 2^32 */

/* All bits of words. */
#define ALL UINT_MAX

/* Reports.  Lines of defaults are checked by themselves, since there may be
 * no service.  What is wrong in them is said again for each service that takes
 * them over, and becomes one report with their number. */

static bool
is_told_already(const struct unmade *draft)
{
	return draft->line->in_defaults && !draft->defaults_only;
}

void
draft_fail(struct unmade *draft, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (is_told_already(draft)) {
		draft->service->unservable = true;
		draft->service->retry = false;
	}
	if (draft->line->in_defaults)
		report_add(draft->loader.reports, REPORT_SYNTAX,
		    &draft->line->place, "%s", text);
	else
		resolve_failed(&draft->loader, draft->service, false,
		    &draft->line->place, "%s", text);
}

void
draft_warn(struct unmade *draft, const char *fmt, ...)
{
	va_list ap;

	if (is_told_already(draft))
		return;
	va_start(ap, fmt);
	report_addv(draft->loader.reports, REPORT_WARNING, &draft->line->place,
	    fmt, ap);
	va_end(ap);
}

/* Values.  As for xinetd, words mean the same in any case. */

static bool
is_word(const char *text, const char *word)
{
	return strcasecmp(text, word) == 0;
}

static void
put_text(char **text, const char *value)
{
	free(*text);
	*text = xstrdup(value);
}

static bool
take_yes(struct unmade *draft)
{
	bool yes = is_word(draft->values[0], "yes");

	if (!yes && !is_word(draft->values[0], "no"))
		draft_fail(draft, "%s: yes or no was expected",
		    draft->attribute->name);
	return yes;
}

/* 0 would let nobody in, and means "no limit" to others. */
static unsigned
take_count(struct unmade *draft)
{
	const char *text = draft->values[0], *why;
	unsigned long long value;

	if (is_word(text, "UNLIMITED"))
		return LIMIT_NONE;
	if (parse_number(text, 1, COUNT_MAX, &value, &why) == 0)
		return (unsigned)value;
	draft_fail(draft, "%s: %s: a number or UNLIMITED was expected",
	    draft->attribute->name, text);
	return LIMIT_NONE;
}

static unsigned
take_number(struct unmade *draft, const char *text)
{
	unsigned long long value = 0;
	const char *why;

	if (parse_number(text, 0, COUNT_MAX, &value, &why) != 0) {
		draft_fail(draft, "%s: %s: a number was expected",
		    draft->attribute->name, text);
		return 0;
	}
	return (unsigned)value;
}

/* known: the bits of those that xinetd has here. */
static unsigned
take_words(struct unmade *draft, const struct choice *words, unsigned known,
    const char *what)
{
	unsigned bits = 0;

	for (size_t i = 0; i < draft->n; i++) {
		const struct choice *word = choice_find(words,
		    draft->values[i]);

		if (word == NULL || (word->value & known) == 0)
			draft_fail(draft, "%s: unknown %s %s",
			    draft->attribute->name, what, draft->values[i]);
		else
			bits |= word->value;
	}
	return bits;
}

/* What stands in one member alone, as superd.conf's row has it. */

static void *
member(struct unmade *draft)
{
	return (char *)draft->service +
	    attributes[option_find(draft->attribute->name)].in_service;
}

static void
set_a_text(struct unmade *draft)
{
	put_text(member(draft), draft->values[0]);
}

static void
set_count(struct unmade *draft)
{
	*(unsigned *)member(draft) = take_count(draft);
}

/* Who. */

static void
set_id(struct unmade *draft)
{
	if (draft->values[0][0] == '\0')
		draft_fail(draft, "id: it is empty");
	else
		put_text(&draft->service->id, draft->values[0]);
}

static void
set_disable(struct unmade *draft)
{
	take_yes(draft);
}

static void
set_type(struct unmade *draft)
{
	draft->types = take_words(draft, type_words, ALL, "type");
}

static void
set_flags(struct unmade *draft)
{
	struct service *service = draft->service;

	draft->flags = take_words(draft, flag_words, ALL, "flag");
	/* what each of these keeps out would be let in */
	for (const struct choice *word = flag_words; word->name != NULL; word++)
		if ((draft->flags & word->value) && word->lack == LACK_ALL)
			draft_fail(draft, "flags: flag %s cannot be honoured",
			    word->name);
	service->nodelay = (draft->flags & FLAG_NODELAY) != 0;
	service->keepalive = (draft->flags & FLAG_KEEPALIVE) != 0;
	service->idonly = (draft->flags & FLAG_IDONLY) != 0;
	service->sensor = (draft->flags & FLAG_SENSOR) != 0;
	if (draft->flags & FLAG_NORETRY)
		draft_warn(draft,
		    "flags: NORETRY has no effect: without a "
		    "process to spare, clients wait");
}

/* Socket. */

static void
set_socket_type(struct unmade *draft)
{
	for (char *p = draft->values[0]; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	draft->service->socktype = resolve_socktype(draft->values[0]);
	if (draft->service->socktype < 0)
		draft_fail(draft, "socket_type: unknown socket type %s",
		    draft->values[0]);
}

static void
set_wait(struct unmade *draft)
{
	draft->wait_set = true;
	draft->service->wait = take_yes(draft);
}

static void
set_port(struct unmade *draft)
{
	draft->port = draft->values[0];
}

static void
set_bind(struct unmade *draft)
{
	draft->bind = draft->values[0];
	if (!draft->line->in_defaults)
		draft->places[PLACE_BIND] = &draft->line->place;
}

static void
set_v6only(struct unmade *draft)
{
	draft->v6only_set = true;
	draft->v6only = take_yes(draft);
	/* in defaults, it takes it for no */
	if (!draft->v6only && !draft->line->in_defaults)
		draft_warn(draft,
		    "v6only = no leaves the socket open to "
		    "IPv4: xinetd takes it for yes");
}

static void
set_rpc_version(struct unmade *draft)
{
	draft->rpc_version = draft->values[0];
}

static void
set_rpc_number(struct unmade *draft)
{
	draft->rpc_number = draft->values[0];
}

/* Command. */

static void
set_user(struct unmade *draft)
{
	draft->user = draft->values[0];
	draft->places[PLACE_USER] = &draft->line->place;
}

static void
set_group(struct unmade *draft)
{
	draft->group = draft->values[0];
}

static void
set_groups(struct unmade *draft)
{
	draft->groups = take_yes(draft);
}

/* As in xinetd, a sensor needs no server, and starts none. */
static bool
serves_nobody(struct unmade *draft)
{
	if (draft->service->sensor)
		draft_warn(draft, "%s: this has no effect with the flag SENSOR",
		    draft->attribute->name);
	return draft->service->sensor;
}

static void
set_server(struct unmade *draft)
{
	if (serves_nobody(draft))
		return;
	resolve_program(&draft->loader, draft->service, draft->values[0],
	    &draft->line->place);
}

static void
set_server_args(struct unmade *draft)
{
	draft->args = draft->values;
}

static void
set_env(struct unmade *draft)
{
	for (size_t i = 0; i < draft->n; i++) {
		const char *text = draft->values[i];

		if (strchr(text, '=') == NULL || text[0] == '=')
			draft_fail(draft, "env: %s: NAME=value was expected",
			    text);
		else
			strings_add(&draft->service->command.env, text);
	}
}

static void
set_passenv(struct unmade *draft)
{
	draft->service->command.passenv_set = true;
	for (size_t i = 0; i < draft->n; i++) {
		strings_add(&draft->service->command.passenv, draft->values[i]);
		if (!is_told_already(draft))
			rules_passenv(draft->loader.reports,
			    &draft->line->place, draft->values[i]);
	}
}

static void
set_nice(struct unmade *draft)
{
	struct command *command = &draft->service->command;
	const char *text = draft->values[0];
	char *end;
	long value = strtol(text, &end, 10);

	if (*end != '\0' || end == text) {
		draft_fail(draft,
		    "nice: %s: a number from %d to %d was expected", text,
		    NICE_MIN, NICE_MAX);
		return;
	}
	if (value < NICE_MIN || value > NICE_MAX) {
		value = value < NICE_MIN ? NICE_MIN : NICE_MAX;
		draft_warn(draft, "nice: %s: %ld is as far as it goes", text,
		    value);
	}
	command->nice_set = true;
	command->nice = (int)value;
}

static void
set_umask(struct unmade *draft)
{
	unsigned mask;

	if (parse_octal(draft->values[0], &mask) != 0 || mask > MODE_MAX)
		draft_fail(draft,
		    "umask: an octal number up to %o was expected", MODE_MAX);
	else
		draft->service->command.umask = mask;
}

static void
set_rlimit(struct unmade *draft)
{
	struct command *command = &draft->service->command;
	const char *name = draft->attribute->name + strlen("rlimit_");
	struct resource_limit limit;
	uint64_t value = RLIM_INFINITY;

	if (strcmp(name, "cpu") == 0 && !is_word(draft->values[0], "UNLIMITED"))
		take_number(draft, draft->values[0]); /* no K, no M */
	if (parse_resource(name, &limit.resource) != 0 ||
	    (!is_word(draft->values[0], "UNLIMITED") &&
		parse_size(draft->values[0], &value) != 0)) {
		draft_fail(draft,
		    "%s: %s: a number, perhaps with K or M, or "
		    "UNLIMITED, was expected",
		    draft->attribute->name, draft->values[0]);
		return;
	}
	limit.soft = limit.hard = value;
	command->rlimits = xreallocarray(command->rlimits,
	    command->nrlimits + 1, sizeof(limit));
	command->rlimits[command->nrlimits++] = limit;
}

static void
set_redirect(struct unmade *draft)
{
	struct redirect *redirect = &draft->service->redirect;

	if (serves_nobody(draft))
		return;
	put_text(&redirect->host, draft->values[0]);
	put_text(&redirect->port, draft->values[1]);
	resolve_redirect(&draft->loader, draft->service, &draft->line->place);
}

/* Limits. */

/* 0 connections per second: no limit. */
static void
set_cps(struct unmade *draft)
{
	struct limits *limits = &draft->service->limits;

	limits->rate.count = take_number(draft, draft->values[0]);
	limits->rate.seconds = 1;
	limits->max_pause = take_number(draft, draft->values[1]);
}

static void
set_max_load(struct unmade *draft)
{
	char *end;
	double load = strtod(draft->values[0], &end);

	if (*end != '\0' || !isfinite(load) || load <= 0)
		draft_fail(draft, "max_load: %s: a load was expected",
		    draft->values[0]);
	else
		draft->service->limits.max_load = load;
}

/* Access. */

/* A name without a dot may be one of networks(5). */
static char *
network_address(struct unmade *draft, const char *name)
{
	uint32_t number;

	if (strpbrk(name, ".:/{") != NULL ||
	    names_network(draft->loader.context->names, name, &number) != 0 ||
	    number == 0)
		return NULL;
	return xasprintf("%u.%u.%u.%u", number >> 24, number >> 16 & 0xff,
	    number >> 8 & 0xff, number & 0xff);
}

static void
take_addresses(struct unmade *draft, char ***list)
{
	draft->places[PLACE_ACCESS] = &draft->line->place;
	for (size_t i = 0; i < draft->n; i++) {
		char *network = network_address(draft, draft->values[i]);
		const char *text = network != NULL ? network : draft->values[i],
			   *wrong = access_wrong(text);

		if (wrong != NULL) {
			draft_fail(draft, "%s: %s", text, wrong);
		} else {
			strings_add(list, text);
			if (!is_told_already(draft))
				rules_address(draft->loader.reports,
				    &draft->line->place, text);
		}
		free(network);
	}
}

/* Of IPv6, zeros on the right are not free: for xinetd "::" is an address that
 * nobody has.  It must not let in more here. */
static void
set_only_from(struct unmade *draft)
{
	draft->service->access.only_from_set = true;
	for (size_t i = 0; i < draft->n; i++)
		if (access_is_zeros(draft->values[i])) {
			draft_warn(draft,
			    "only_from: %s is an address that "
			    "nobody has: all of IPv6 is ::/0",
			    draft->values[i]);
			put_text(&draft->values[i], "::/128");
		}
	take_addresses(draft, &draft->service->access.only_from);
}

static void
set_no_access(struct unmade *draft)
{
	for (size_t i = 0; i < draft->n; i++)
		if (access_is_zeros(draft->values[i]))
			draft_warn(draft,
			    "no_access: %s is taken for all of "
			    "IPv6: to xinetd it is an address that nobody has",
			    draft->values[i]);
	take_addresses(draft, &draft->service->access.no_access);
}

static void
set_access_times(struct unmade *draft)
{
	struct access *access = &draft->service->access;

	access->hours = xcalloc(draft->n, sizeof(*access->hours));
	for (size_t i = 0; i < draft->n; i++) {
		struct hours hours;

		if (hours_parse(draft->values[i], &hours) != 0 ||
		    hours.from >= hours.to) {
			draft_fail(draft,
			    "access_times: %s: H:MM-H:MM within "
			    "one day was expected",
			    draft->values[i]);
			continue;
		}
		if (hours.to == MINUTES_PER_DAY)
			draft_warn(draft,
			    "24:00 is the end of the day: xinetd refuses it");
		access->hours[access->nhours++] = hours;
	}
}

static void
set_libwrap(struct unmade *draft)
{
	put_text(&draft->service->access.libwrap_name, draft->values[0]);
	if (!draft->loader.context->have_libwrap)
		draft_fail(draft, "libwrap: this superd was built without it");
}

static void
set_deny_time(struct unmade *draft)
{
	int *minutes = &draft->service->deny_time;
	unsigned long long value;
	const char *why;

	if (is_word(draft->values[0], "FOREVER"))
		*minutes = -1;
	else if (is_word(draft->values[0], "NEVER"))
		*minutes = 0;
	else if (parse_number(draft->values[0], 0, DENY_MAX, &value, &why) == 0)
		*minutes = (int)value;
	else
		draft_fail(draft,
		    "deny_time: %s: a number of minutes, "
		    "FOREVER or NEVER was expected",
		    draft->values[0]);
}

/* Log. */

static void
take_syslog(struct unmade *draft)
{
	struct log_target *log = &draft->service->log;

	log->kind = LOG_TO_SYSLOG;
	log->facility = LOG_DAEMON;
	log->level = LOG_INFO;
	if (draft->n > 3 ||
	    parse_facility(draft->values[1], &log->facility) != 0 ||
	    (draft->n > 2 && parse_level(draft->values[2], &log->level) != 0))
		draft_fail(draft, "log_type: unknown facility or level");
}

static void
take_log_file(struct unmade *draft)
{
	struct log_target *log = &draft->service->log;

	log->kind = LOG_TO_FILE;
	if (draft->values[1][0] == '/')
		put_text(&log->path, draft->values[1]);
	else {
		draft_warn(draft,
		    "log_type FILE %s: a relative path starts from /",
		    draft->values[1]);
		free(log->path);
		log->path = xasprintf("/%s", draft->values[1]);
	}
	if (draft->n > 2 && parse_size(draft->values[2], &log->soft) != 0)
		draft_fail(draft, "log_type: %s: a size was expected",
		    draft->values[2]);
	if (draft->n == 3)
		log->hard = log_hard_limit(log->soft);
	if (draft->n > 3 &&
	    (parse_size(draft->values[3], &log->hard) != 0 ||
		log->hard < log->soft))
		draft_fail(draft,
		    "log_type: %s: a size of at least %s was expected",
		    draft->values[3], draft->values[2]);
}

static void
set_log_type(struct unmade *draft)
{
	if (is_word(draft->values[0], "SYSLOG"))
		take_syslog(draft);
	else if (is_word(draft->values[0], "FILE"))
		take_log_file(draft);
	else
		draft_fail(draft,
		    "log_type: SYSLOG FACILITY [LEVEL] or FILE "
		    "PATH [SOFT [HARD]] was expected");
}

static void
set_log_on_success(struct unmade *draft)
{
	draft->service->log_on_success = take_words(draft, log_words,
	    ALL & ~(unsigned)LOGS_ATTEMPT, "word");
}

static void
set_log_on_failure(struct unmade *draft)
{
	draft->service->log_on_failure = take_words(draft, log_words,
	    LOGS_HOST | LOGS_USERID | LOGS_ATTEMPT, "word");
}

static void
set_ignored(struct unmade *draft)
{
	draft_warn(draft, "this attribute has no effect");
}

/* In this order they are set, whatever the order of the lines. */
static const struct xattribute table[] = {
	{ "id", set_id, 1, 1, 0 },
	{ "disable", set_disable, 1, 1, 0 },
	{ "type", set_type, 1, ANY, LIST },
	{ "flags", set_flags, 1, ANY, LIST },
	{ "socket_type", set_socket_type, 1, 1, 0 },
	{ "protocol", set_a_text, 1, 1, 0 },
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
	{ "instances", set_count, 1, 1, DEFAULTS },
	{ "per_source", set_count, 1, 1, DEFAULTS },
	{ "cps", set_cps, 2, 2, DEFAULTS },
	{ "max_load", set_max_load, 1, 1, DEFAULTS },
	{ "only_from", set_only_from, 0, ANY,
	    LIST | AGAIN | DEFAULTS | EARLY | ADDRESSES },
	{ "no_access", set_no_access, 0, ANY,
	    LIST | AGAIN | DEFAULTS | EARLY | ADDRESSES },
	{ "access_times", set_access_times, 1, ANY, LIST },
	{ "libwrap", set_libwrap, 1, 1, 0 },
	{ "deny_time", set_deny_time, 1, 1, 0 },
	{ "banner", set_a_text, 1, 1, DEFAULTS | EARLY },
	{ "banner_success", set_a_text, 1, 1, DEFAULTS | EARLY },
	{ "banner_fail", set_a_text, 1, 1, DEFAULTS | EARLY },
	{ "log_type", set_log_type, 2, 4, DEFAULTS },
	{ "log_on_success", set_log_on_success, 0, ANY,
	    LIST | AGAIN | DEFAULTS },
	{ "log_on_failure", set_log_on_failure, 0, ANY,
	    LIST | AGAIN | DEFAULTS },
	{ "enabled", NULL, 0, ANY, LIST | AGAIN | DEFAULTS | ONLY_DEFAULTS },
	{ "disabled", NULL, 0, ANY, LIST | AGAIN | DEFAULTS | ONLY_DEFAULTS },
	{ "mdns", set_ignored, 1, ANY, DEFAULTS },
};

enum { ATTRIBUTES = sizeof(table) / sizeof(table[0]) };

const struct xattribute *
xattribute_find(const char *name)
{
	if (is_word(name, "interface"))
		name = "bind"; /* its other name */
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (is_word(name, table[i].name))
			return &table[i];
	return NULL;
}

const struct xattribute *
xattribute_at(size_t i)
{
	return i < ATTRIBUTES ? &table[i] : NULL;
}

const char *
xattribute_hint(struct hint *hint, const char *name)
{
	const char *names[ATTRIBUTES + 1];

	for (size_t i = 0; i < ATTRIBUTES; i++)
		names[i] = table[i].name;
	names[ATTRIBUTES] = NULL;
	return report_hint(hint, name, names);
}
