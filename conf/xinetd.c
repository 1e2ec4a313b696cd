/*
 * The reader of xinetd.conf.  Entries of all files are collected first, as
 * text with places; when the outermost file ends, each becomes a service:
 * its own values over those of "defaults", in the order of one table, so that
 * the order of lines in a file means nothing.
 */
#include "conf/readers.h"

#include <netinet/in.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/access.h"
#include "conf/hours.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

enum operator { OP_SET, OP_ADD, OP_REMOVE };

/* One attribute line. */
struct line {
	const struct attribute *attribute;
	enum operator operator;
	char **values;
	struct place place;
};

struct entry {
	char *name;
	struct line *lines;
	size_t count, room;
	struct place place;
	bool broken;		/* a report says why it is not served */
};

struct xinetd {
	struct loader *loader;
	unsigned depth;
	struct entry defaults;
	struct entry *entries;
	size_t count, room;
};

/* What setters of one service share. */
struct build {
	struct xinetd *xinetd;
	struct service *service;
	const struct line *line;	/* whose values are set */
	char **values;			/* merged with the defaults */
	size_t n;
	bool internal, unlisted, namesinargs, nolibwrap, v4, v6, want_v6only;
	bool groups;
	const char *bind, *port, *user, *group, *rpc_version, *rpc_number;
	char *const *args;
	const struct place *user_place;
};

typedef void setter(struct build *);

enum { LIST = 1, IN_DEFAULTS = 2, ONLY_DEFAULTS = 4 };

struct attribute {
	const char *name;
	setter *set;
	unsigned least, most;	/* values; most 0: any number */
	unsigned flags;
};

/* Reports. */

static void broken(struct build *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* A value that means nothing takes its entry out of service. */
static void
broken(struct build *build, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	resolve_failed(build->xinetd->loader, build->service, false,
	    &build->line->place, "%s: %s", build->line->attribute->name,
	    text);
}

static void
warn(struct xinetd *xinetd, const struct place *place, const char *text)
{
	report_add(xinetd->loader->reports, REPORT_WARNING, place, "%s",
	    text);
}

/* Values. */

static void
set_text(char **text, const char *value)
{
	free(*text);
	*text = xstrdup(value);
}

static bool
yes(struct build *build)
{
	if (strcmp(build->values[0], "yes") != 0 &&
	    strcmp(build->values[0], "no") != 0)
		broken(build, "yes or no was expected");
	return strcmp(build->values[0], "yes") == 0;
}

static unsigned
count(struct build *build, const char *text)
{
	unsigned long long value;
	const char *why;

	if (strcmp(text, "UNLIMITED") == 0)
		return LIMIT_NONE;
	if (parse_number(text, 1, 1000000000, &value, &why) == 0)
		return (unsigned)value;
	broken(build, "%s: a number or UNLIMITED was expected", text);
	return LIMIT_NONE;
}

static void
set_id(struct build *build)
{
	set_text(&build->service->id, build->values[0]);
}

static void
set_disable(struct build *build)
{
	build->service->disabled = yes(build);
}

static void
set_type(struct build *build)
{
	for (size_t i = 0; i < build->n; i++) {
		const char *word = build->values[i];

		if (strcmp(word, "RPC") == 0)
			build->service->rpc.enabled = true;
		else if (strcmp(word, "INTERNAL") == 0)
			build->internal = true;
		else if (strcmp(word, "UNLISTED") == 0)
			build->unlisted = true;
		else if (strcmp(word, "TCPMUX") == 0)
			build->service->mux = MUX_PLAIN;
		else if (strcmp(word, "TCPMUXPLUS") == 0)
			build->service->mux = MUX_PLUS;
		else
			broken(build, "unknown type %s", word);
	}
}

static void
set_flags(struct build *build)
{
	struct service *service = build->service;

	for (size_t i = 0; i < build->n; i++) {
		const char *word = build->values[i];

		if (strcmp(word, "NAMEINARGS") == 0)
			build->namesinargs = true;
		else if (strcmp(word, "NOLIBWRAP") == 0)
			build->nolibwrap = true;
		else if (strcmp(word, "IPv4") == 0)
			build->v4 = true;
		else if (strcmp(word, "IPv6") == 0)
			build->v6 = true;
		else if (strcmp(word, "NODELAY") == 0)
			service->nodelay = true;
		else if (strcmp(word, "KEEPALIVE") == 0)
			service->keepalive = true;
		else if (strcmp(word, "NORETRY") == 0)
			service->noretry = true;
		else if (strcmp(word, "REUSE") != 0)
			broken(build, "flag %s cannot be honoured", word);
	}
}

static void
set_socktype(struct build *build)
{
	build->service->socktype = resolve_socktype(build->values[0]);
	if (build->service->socktype < 0)
		broken(build, "unknown socket type %s", build->values[0]);
}

static void
set_protocol(struct build *build)
{
	set_text(&build->service->proto, build->values[0]);
}

static void
set_wait(struct build *build)
{
	build->service->wait = yes(build);
}

static void
set_user(struct build *build)
{
	build->user = build->values[0];
	build->user_place = &build->line->place;
}

static void
set_group(struct build *build)
{
	build->group = build->values[0];
}

static void
set_groups(struct build *build)
{
	build->groups = yes(build);
}

static void
set_instances(struct build *build)
{
	build->service->limits.instances = count(build, build->values[0]);
}

static void
set_per_source(struct build *build)
{
	build->service->limits.per_source = count(build, build->values[0]);
}

static void
set_cps(struct build *build)
{
	struct limits *limits = &build->service->limits;

	limits->rate.count = count(build, build->values[0]);
	limits->rate.seconds = 1;
	limits->max_pause = count(build, build->values[1]);
}

static void
set_max_load(struct build *build)
{
	char *end;
	double load = strtod(build->values[0], &end);

	if (*end != '\0' || !(load > 0))
		broken(build, "%s: a load was expected", build->values[0]);
	else
		build->service->limits.max_load = load;
}

static void
set_server(struct build *build)
{
	resolve_program(build->xinetd->loader, build->service,
	    build->values[0], &build->line->place);
}

static void
set_server_args(struct build *build)
{
	build->args = build->line->values;
}

static void
set_libwrap(struct build *build)
{
	set_text(&build->service->access.libwrap_name, build->values[0]);
}

/* "a,b" is two values: xinetd takes the entry out of service for it. */
static void
split_commas(char ***list, char *const *values)
{
	for (size_t i = 0; values[i] != NULL; i++) {
		char *copy = xstrdup(values[i]), *rest = copy, *one;

		if (strchr(copy, '{') != NULL)
			strings_add(list, copy);
		else
			while ((one = strsep(&rest, ",")) != NULL)
				if (one[0] != '\0')
					strings_add(list, one);
		free(copy);
	}
}

static void
set_only_from(struct build *build)
{
	build->service->access.only_from_set = true;
	split_commas(&build->service->access.only_from, build->values);
}

static void
set_no_access(struct build *build)
{
	split_commas(&build->service->access.no_access, build->values);
}

static void
set_access_times(struct build *build)
{
	struct access *access = &build->service->access;

	access->hours = xcalloc(build->n, sizeof(*access->hours));
	for (size_t i = 0; i < build->n; i++) {
		struct hours *hours = &access->hours[access->nhours];

		if (hours_parse(build->values[i], hours) != 0 ||
		    hours->from >= hours->to)
			broken(build, "%s: H:MM-H:MM was expected",
			    build->values[i]);
		else
			access->nhours++;
	}
}

static void
set_log_type(struct build *build)
{
	struct log_target *log = &build->service->log;

	if (strcmp(build->values[0], "SYSLOG") == 0 && build->n >= 2) {
		log->kind = LOG_TO_SYSLOG;
		if (parse_facility(build->values[1], &log->facility) != 0 ||
		    (build->n > 2 && parse_level(build->values[2],
		    &log->level) != 0))
			broken(build, "unknown facility or level");
	} else if (strcmp(build->values[0], "FILE") == 0 && build->n >= 2)
		warn(build->xinetd, &build->line->place, "log_type FILE: "
		    "superd writes to its own log instead");
	else
		broken(build, "SYSLOG FACILITY [LEVEL] or FILE PATH was "
		    "expected");
}

static unsigned
log_flags(struct build *build)
{
	static const struct { const char *word; unsigned flag; } words[] = {
		{ "PID", LOGS_PID }, { "HOST", LOGS_HOST },
		{ "USERID", LOGS_USERID }, { "EXIT", LOGS_EXIT },
		{ "DURATION", LOGS_DURATION }, { "TRAFFIC", LOGS_TRAFFIC },
		{ "ATTEMPT", LOGS_ATTEMPT },
	};
	unsigned flags = 0;

	for (size_t i = 0; i < build->n; i++) {
		size_t w;

		for (w = 0; w < sizeof(words) / sizeof(words[0]) &&
		    strcmp(words[w].word, build->values[i]) != 0; w++)
			continue;
		if (w == sizeof(words) / sizeof(words[0]))
			broken(build, "unknown word %s", build->values[i]);
		else
			flags |= words[w].flag;
	}
	if (flags & LOGS_USERID)
		warn(build->xinetd, &build->line->place,
		    "USERID: superd does not ask ident servers");
	return flags;
}

static void
set_log_on_success(struct build *build)
{
	build->service->log_on_success = log_flags(build);
}

static void
set_log_on_failure(struct build *build)
{
	build->service->log_on_failure = log_flags(build);
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

static void
set_env(struct build *build)
{
	for (size_t i = 0; i < build->n; i++)
		if (strchr(build->values[i], '=') == NULL)
			broken(build, "%s: NAME=value was expected",
			    build->values[i]);
		else
			strings_add(&build->service->command.env,
			    build->values[i]);
}

static void
set_passenv(struct build *build)
{
	build->service->command.passenv_set = true;
	for (size_t i = 0; i < build->n; i++)
		strings_add(&build->service->command.passenv,
		    build->values[i]);
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
}

static void
set_banner(struct build *build)
{
	static const char *const names[] = { "banner", "banner_success",
		"banner_fail" };
	struct service *service = build->service;
	char **const where[] = { &service->banner, &service->banner_success,
		&service->banner_fail };

	for (size_t i = 0; i < 3; i++)
		if (strcmp(build->line->attribute->name, names[i]) == 0)
			set_text(where[i], build->values[0]);
}

static void
set_nice(struct build *build)
{
	char *end;
	long value = strtol(build->values[0], &end, 10);

	if (*end != '\0' || value < -20 || value > 19)
		broken(build, "a number from -20 to 19 was expected");
	build->service->command.nice_set = true;
	build->service->command.nice = (int)value;
}

static void
set_umask(struct build *build)
{
	unsigned mask;

	if (parse_octal(build->values[0], &mask) != 0 || mask > 0777)
		broken(build, "an octal number was expected");
	else
		build->service->command.umask = mask;
}

static void
set_rlimit(struct build *build)
{
	struct command *command = &build->service->command;
	const char *name = build->line->attribute->name + strlen("rlimit_");
	struct resource_limit limit;
	uint64_t value = RLIM_INFINITY;

	if (parse_resource(name, &limit.resource) != 0 ||
	    (strcmp(build->values[0], "UNLIMITED") != 0 &&
	    parse_size(build->values[0], &value) != 0)) {
		broken(build, "%s: a number with K or M, or UNLIMITED, was "
		    "expected", build->values[0]);
		return;
	}
	limit.soft = limit.hard = value;
	command->rlimits = xreallocarray(command->rlimits,
	    command->nrlimits + 1, sizeof(limit));
	command->rlimits[command->nrlimits++] = limit;
}

static void
set_v6only(struct build *build)
{
	build->want_v6only = yes(build);
}

static void
set_redirect(struct build *build)
{
	struct redirect *redirect = &build->service->redirect;

	set_text(&redirect->host, build->values[0]);
	set_text(&redirect->port, build->values[1]);
	resolve_redirect(build->xinetd->loader, build->service,
	    &build->line->place);
}

static void
set_refused(struct build *build)
{
	broken(build, "this cannot be honoured");
}

static void
set_ignored(struct build *build)
{
	warn(build->xinetd, &build->line->place,
	    "this attribute has no effect");
}

/* In this order they are set, whatever the order of the lines. */
static const struct attribute attributes[] = {
	{ "id", set_id, 1, 1, 0 },
	{ "type", set_type, 1, 0, 0 },
	{ "flags", set_flags, 1, 0, LIST | IN_DEFAULTS },
	{ "disable", set_disable, 1, 1, 0 },
	{ "socket_type", set_socktype, 1, 1, 0 },
	{ "protocol", set_protocol, 1, 1, 0 },
	{ "wait", set_wait, 1, 1, 0 },
	{ "user", set_user, 1, 1, 0 },
	{ "group", set_group, 1, 1, 0 },
	{ "groups", set_groups, 1, 1, IN_DEFAULTS },
	{ "instances", set_instances, 1, 1, IN_DEFAULTS },
	{ "per_source", set_per_source, 1, 1, IN_DEFAULTS },
	{ "cps", set_cps, 2, 2, IN_DEFAULTS },
	{ "max_load", set_max_load, 1, 1, IN_DEFAULTS },
	{ "server", set_server, 1, 1, 0 },
	{ "server_args", set_server_args, 0, 0, LIST },
	{ "libwrap", set_libwrap, 1, 1, 0 },
	{ "only_from", set_only_from, 0, 0, LIST | IN_DEFAULTS },
	{ "no_access", set_no_access, 0, 0, LIST | IN_DEFAULTS },
	{ "access_times", set_access_times, 1, 0, LIST },
	{ "log_type", set_log_type, 2, 4, IN_DEFAULTS },
	{ "log_on_success", set_log_on_success, 0, 0, LIST | IN_DEFAULTS },
	{ "log_on_failure", set_log_on_failure, 0, 0, LIST | IN_DEFAULTS },
	{ "rpc_version", set_rpc_version, 1, 1, 0 },
	{ "rpc_number", set_rpc_number, 1, 1, 0 },
	{ "env", set_env, 1, 0, LIST },
	{ "passenv", set_passenv, 0, 0, LIST | IN_DEFAULTS },
	{ "port", set_port, 1, 1, 0 },
	{ "redirect", set_redirect, 2, 2, 0 },
	{ "bind", set_bind, 1, 1, IN_DEFAULTS },
	{ "interface", set_bind, 1, 1, IN_DEFAULTS },
	{ "banner", set_banner, 1, 1, IN_DEFAULTS },
	{ "banner_success", set_banner, 1, 1, IN_DEFAULTS },
	{ "banner_fail", set_banner, 1, 1, IN_DEFAULTS },
	{ "nice", set_nice, 1, 1, 0 },
	{ "umask", set_umask, 1, 1, IN_DEFAULTS },
	{ "rlimit_as", set_rlimit, 1, 1, 0 },
	{ "rlimit_cpu", set_rlimit, 1, 1, 0 },
	{ "rlimit_data", set_rlimit, 1, 1, 0 },
	{ "rlimit_rss", set_rlimit, 1, 1, 0 },
	{ "rlimit_stack", set_rlimit, 1, 1, 0 },
	{ "rlimit_files", set_rlimit, 1, 1, 0 },
	{ "v6only", set_v6only, 1, 1, IN_DEFAULTS },
	{ "deny_time", set_refused, 1, 1, IN_DEFAULTS },
	{ "mdns", set_ignored, 1, 1, IN_DEFAULTS },
	{ "enabled", NULL, 0, 0, LIST | ONLY_DEFAULTS },
	{ "disabled", NULL, 0, 0, LIST | ONLY_DEFAULTS },
};

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

/* Reading lines. */

struct cursor {
	struct xinetd *xinetd;
	char *p;		/* the rest of the text */
	struct place place;	/* of the current line */
	char **words;		/* of the current line */
	unsigned *columns;
	size_t count;
};

static void
words_free(struct cursor *cursor)
{
	strings_free(cursor->words);
	free(cursor->columns);
	cursor->words = NULL;
	cursor->columns = NULL;
	cursor->count = 0;
}

static void
add_word(struct cursor *cursor, const char *text, size_t length,
    unsigned column)
{
	char *word = xstrndup(text, length);

	cursor->columns = xreallocarray(cursor->columns, cursor->count + 1,
	    sizeof(*cursor->columns));
	cursor->columns[cursor->count++] = column;
	strings_add(&cursor->words, word);
	free(word);
}

/* Up to the next blank; quotes keep blanks in a word and are taken off. */
static char *
take_word(struct cursor *cursor, char *p, const char *line)
{
	char *start = p, *to = p, quote = '\0';

	for (; *p != '\0' && (quote != '\0' || !isspace((unsigned char)*p));
	    p++) {
		if (quote == '\0' && (*p == '"' || *p == '\'') &&
		    strchr(p + 1, *p) != NULL)
			quote = *p;
		else if (quote != '\0' && *p == quote)
			quote = '\0';
		else
			*to++ = *p;
	}
	add_word(cursor, start, (size_t)(to - start),
	    (unsigned)(start - line) + 1);
	return p;
}

static void
split_line(struct cursor *cursor, char *line)
{
	char *p = line;

	for (;;) {
		while (isspace((unsigned char)*p))
			p++;
		if (*p == '\0')
			break;
		if (*p == '#') {
			cursor->place.column = (unsigned)(p - line) + 1;
			if (cursor->count > 0)
				warn(cursor->xinetd, &cursor->place,
				    "a comment behind values: xinetd takes "
				    "its words for values");
			break;
		}
		p = take_word(cursor, p, line);
	}
	cursor->place.column = cursor->count > 0 ? cursor->columns[0] : 1;
}

/* The next line with words; false at the end. */
static bool
next_line(struct cursor *cursor)
{
	words_free(cursor);
	while (cursor->p != NULL && cursor->count == 0) {
		char *line = strsep(&cursor->p, "\n");

		cursor->place.line++;
		split_line(cursor, line);
	}
	return cursor->count > 0;
}

static void
syntax(struct cursor *cursor, const char *text, const char *word)
{
	report_add(cursor->xinetd->loader->reports, REPORT_SYNTAX,
	    &cursor->place, "%s%s", text, word);
}

static const struct attribute *
find_attribute(const char *name)
{
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (strcmp(attributes[i].name, name) == 0)
			return &attributes[i];
	return NULL;
}

static void
unknown_attribute(struct cursor *cursor, const char *name)
{
	const char *names[ATTRIBUTES + 1], *near;

	for (size_t i = 0; i < ATTRIBUTES; i++)
		names[i] = attributes[i].name;
	names[ATTRIBUTES] = NULL;
	near = report_nearest(name, names);
	report_add(cursor->xinetd->loader->reports, REPORT_WARNING,
	    &cursor->place, "unknown attribute %s is ignored%s%s", name,
	    near != NULL ? ", did you mean " : "", near != NULL ? near : "");
}

/* "name op value...", with or without blanks around the operator. */
static bool
split_assignment(struct cursor *cursor, char **name, enum operator *op,
    char ***values)
{
	const char *first = cursor->words[0];
	size_t length = strcspn(first, "=+"), i = 0;
	const char *rest = first + length;

	if (first[length] == '\0') {
		const char *second = cursor->count > 1 ? cursor->words[1] :
		    "";

		i = 1;
		rest = second;
		if (*second == '-' && second[1] == '=')
			rest = second;
	} else if (length > 0 && first[length - 1] == '-')
		rest = first + --length;
	if (rest[0] == '=')
		*op = OP_SET, rest++;
	else if ((rest[0] == '+' || rest[0] == '-') && rest[1] == '=')
		*op = rest[0] == '+' ? OP_ADD : OP_REMOVE, rest += 2;
	else
		return false;
	*name = xstrndup(first, i == 1 ? strlen(first) : length);
	*values = xcalloc(1, sizeof(char *));
	if (*rest != '\0')
		strings_add(values, rest);
	for (i++; i < cursor->count; i++)
		strings_add(values, cursor->words[i]);
	return true;
}

static bool
values_fit(struct cursor *cursor, const struct attribute *attribute,
    size_t n)
{
	if (n >= attribute->least && (attribute->most == 0 ||
	    n <= attribute->most))
		return true;
	report_add(cursor->xinetd->loader->reports, REPORT_UNSERVABLE,
	    &cursor->place, "%s: %u value%s expected", attribute->name,
	    attribute->least, attribute->least == 1 ? " was" : "s were");
	return false;
}

static void
entry_add(struct entry *entry, const struct line *line)
{
	if (entry->count == entry->room) {
		entry->room = entry->room * 2 + 8;
		entry->lines = xreallocarray(entry->lines, entry->room,
		    sizeof(*entry->lines));
	}
	entry->lines[entry->count++] = *line;
}

static bool
already_set(const struct entry *entry, const struct attribute *attribute)
{
	for (size_t i = 0; i < entry->count; i++)
		if (entry->lines[i].attribute == attribute)
			return true;
	return false;
}

static void
read_attribute(struct cursor *cursor, struct entry *entry, bool defaults)
{
	struct line line = { .place = cursor->place };
	char *name;

	if (!split_assignment(cursor, &name, &line.operator, &line.values)) {
		syntax(cursor, "an assignment was expected: ",
		    cursor->words[0]);
		return;
	}
	line.attribute = find_attribute(name);
	if (line.attribute == NULL) {
		unknown_attribute(cursor, name);
	} else if (defaults != ((line.attribute->flags & (IN_DEFAULTS |
	    ONLY_DEFAULTS)) != 0) && (defaults ||
	    (line.attribute->flags & ONLY_DEFAULTS))) {
		report_add(cursor->xinetd->loader->reports, REPORT_WARNING,
		    &cursor->place, "attribute %s is ignored here", name);
	} else if ((line.attribute->flags & LIST) == 0 &&
	    already_set(entry, line.attribute)) {
		report_add(cursor->xinetd->loader->reports, REPORT_WARNING,
		    &cursor->place, "attribute %s is given twice: the first "
		    "one counts", name);
	} else if (!values_fit(cursor, line.attribute,
	    strings_count(line.values))) {
		entry->broken = true;
	} else {
		entry_add(entry, &line);
		line.values = NULL;
	}
	strings_free(line.values);
	free(name);
}

static void
read_block(struct cursor *cursor, struct entry *entry, bool defaults)
{
	struct place start = cursor->place;
	bool open = strcmp(cursor->words[cursor->count - 1], "{") == 0;

	if (!open && (!next_line(cursor) ||
	    strcmp(cursor->words[0], "{") != 0)) {
		report_add(cursor->xinetd->loader->reports, REPORT_SYNTAX,
		    &start, "\"{\" was expected on the next line");
		entry->broken = true;
		return;
	}
	while (next_line(cursor)) {
		if (strcmp(cursor->words[0], "}") == 0)
			return;
		read_attribute(cursor, entry, defaults);
	}
	report_add(cursor->xinetd->loader->reports, REPORT_SYNTAX, &start,
	    "this entry is never closed");
	entry->broken = true;
}

static void
read_service(struct cursor *cursor)
{
	struct xinetd *xinetd = cursor->xinetd;
	struct entry *entry;

	if (cursor->count < 2) {
		syntax(cursor, "a name was expected after service", "");
		return;
	}
	if (xinetd->count == xinetd->room) {
		xinetd->room = xinetd->room * 2 + 16;
		xinetd->entries = xreallocarray(xinetd->entries,
		    xinetd->room, sizeof(*xinetd->entries));
	}
	entry = &xinetd->entries[xinetd->count++];
	memset(entry, 0, sizeof(*entry));
	entry->name = xstrdup(cursor->words[1]);
	entry->place = cursor->place;
	read_block(cursor, entry, false);
}

static void
read_include(struct cursor *cursor, bool directory)
{
	struct xinetd *xinetd = cursor->xinetd;

	if (cursor->count != 2) {
		syntax(cursor, "one path was expected", "");
		return;
	}
	xinetd->depth++;
	load_include(xinetd->loader, cursor->words[1], directory,
	    DIALECT_XINETD, &cursor->place);
	xinetd->depth--;
}

static void
read_top(struct cursor *cursor)
{
	const char *word = cursor->words[0];

	if (strcmp(word, "service") == 0)
		read_service(cursor);
	else if (strcmp(word, "defaults") == 0)
		read_block(cursor, &cursor->xinetd->defaults, true);
	else if (strcmp(word, "include") == 0)
		read_include(cursor, false);
	else if (strcmp(word, "includedir") == 0)
		read_include(cursor, true);
	else
		syntax(cursor, "service, defaults, include or includedir was "
		    "expected: ", word);
}

/* Making services. */

static void
remove_value(char **list, const char *value)
{
	size_t to = 0;

	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		if (strcmp(list[i], value) == 0)
			free(list[i]);
		else
			list[to++] = list[i];
	}
	if (list != NULL)
		list[to] = NULL;
}

/* In defaults "=" means "+=". */
static void
merge(char ***values, const struct line *line, bool defaults)
{
	if (line->operator == OP_SET && !defaults) {
		strings_free(*values);
		*values = xcalloc(1, sizeof(char *));
	}
	for (size_t i = 0; line->values[i] != NULL; i++)
		if (line->operator == OP_REMOVE)
			remove_value(*values, line->values[i]);
		else
			strings_add(values, line->values[i]);
}

static const struct line *
merge_entry(char ***values, const struct entry *entry,
    const struct attribute *attribute, bool defaults)
{
	const struct line *last = NULL;

	for (size_t i = 0; i < entry->count; i++)
		if (entry->lines[i].attribute == attribute) {
			last = &entry->lines[i];
			if (*values == NULL)
				*values = xcalloc(1, sizeof(char *));
			merge(values, last, defaults);
		}
	return last;
}

static void
apply_attribute(struct build *build, const struct entry *entry,
    const struct attribute *attribute)
{
	const struct entry *defaults = &build->xinetd->defaults;
	const struct line *line = NULL, *own;
	char **values = NULL;

	if (attribute->set == NULL)
		return;
	if ((attribute->flags & LIST) == 0 && already_set(entry, attribute))
		defaults = NULL;
	if (defaults != NULL)
		line = merge_entry(&values, defaults, attribute, true);
	own = merge_entry(&values, entry, attribute, false);
	build->line = own != NULL ? own : line;
	if (build->line == NULL)
		return;
	/* setters of single values keep pointers into the line itself */
	build->values = (attribute->flags & LIST) ? values :
	    build->line->values;
	build->n = strings_count(build->values);
	if (build->n >= attribute->least)
		attribute->set(build);
	strings_free(values);
}

static void
choose_family(struct build *build)
{
	struct service *service = build->service;

	if (build->v4 && !build->v6)
		service->family = FAMILY_INET;
	else if (build->v6 || build->want_v6only)
		service->family = build->want_v6only ? FAMILY_INET6 :
		    FAMILY_DUAL;
}

static void
finish_protocol(struct build *build, const struct entry *entry)
{
	struct service *service = build->service;
	const char *base;

	if (service->proto == NULL)
		service->proto = xstrdup(service->socktype == SOCK_DGRAM ?
		    "udp" : "tcp");
	if (service->socktype == 0)
		service->socktype = strncmp(service->proto, "udp", 3) == 0 ?
		    SOCK_DGRAM : SOCK_STREAM;
	if (resolve_protocol(build->xinetd->loader, service, service->proto,
	    &base) != 0)
		resolve_failed(build->xinetd->loader, service, false,
		    &entry->place, "unknown protocol %s", service->proto);
	choose_family(build);
}

static void
finish_socket(struct build *build, const struct entry *entry)
{
	struct service *service = build->service;
	struct loader *loader = build->xinetd->loader;

	if (service->mux != MUX_NONE)
		return;
	if (service->rpc.enabled) {
		resolve_rpc(loader, service, build->rpc_number != NULL ?
		    build->rpc_number : entry->name,
		    build->rpc_version != NULL ? build->rpc_version : "",
		    &entry->place);
	} else if (build->unlisted && build->port == NULL) {
		resolve_failed(loader, service, false, &entry->place,
		    "an UNLISTED service needs a port");
		return;
	} else
		resolve_port(loader, service, build->port != NULL ?
		    build->port : entry->name, service->proto,
		    &entry->place);
	if (service->port != 0 || service->rpc.enabled)
		resolve_listen(loader, service, build->bind, &entry->place);
}

static void
finish_command(struct build *build, const struct entry *entry)
{
	struct service *service = build->service;
	struct command *command = &service->command;
	struct loader *loader = build->xinetd->loader;

	if (build->internal) {
		const char *name = resolve_internal(loader, service,
		    entry->name);

		service->internal = xstrdup(name != NULL ? name :
		    entry->name);
		service->wait = false;
		/* a child may ask for a connection; nobody for a datagram */
		service->access.libwrap = !build->nolibwrap &&
		    service->socktype == SOCK_STREAM &&
		    loader->context->have_libwrap;
		if (name == NULL)
			resolve_failed(loader, service, false, &entry->place,
			    "there is no internal service %s", entry->name);
		return;
	}
	if (service->redirect.host != NULL) {
		if (service->wait || service->socktype != SOCK_STREAM)
			resolve_failed(loader, service, false, &entry->place,
			    "only stream services with wait = no can be "
			    "redirected");
		return;
	}
	if (command->program == NULL || build->user == NULL) {
		resolve_failed(loader, service, false, &entry->place,
		    "attribute %s is missing", command->program == NULL ?
		    "server" : "user");
		return;
	}
	if (!build->namesinargs) {
		const char *slash = strrchr(command->program, '/');

		strings_add(&command->argv, slash != NULL ? slash + 1 :
		    command->program);
	}
	for (size_t i = 0; build->args != NULL && build->args[i] != NULL; i++)
		strings_add(&command->argv, build->args[i]);
	if (command->argv == NULL)
		resolve_failed(loader, service, false, &entry->place,
		    "NAMEINARGS needs server_args");
	command->env_all = !command->passenv_set;
	command->env_remote_host = true;
	resolve_user(loader, service, build->user, build->group,
	    build->groups, build->user_place);
	service->access.libwrap = !build->nolibwrap &&
	    !(service->wait && service->socktype == SOCK_STREAM);
	if (service->access.libwrap && !loader->context->have_libwrap)
		service->access.libwrap = false;
}

static void
finish_rules(struct build *build, const struct entry *entry)
{
	struct service *service = build->service;
	struct loader *loader = build->xinetd->loader;

	service->limits.excess = EXCESS_REFUSE;
	if (service->limits.rate.count == LIMIT_UNSET) {
		service->limits.rate.count = 50;
		service->limits.rate.seconds = 1;
		service->limits.max_pause = 10;
	}
	if (service->socktype == SOCK_DGRAM && !service->wait &&
	    service->internal == NULL)
		resolve_failed(loader, service, false, &entry->place,
		    "wait = no does not go with socket type dgram");
	if (access_compile(&service->access, &entry->place,
	    loader->reports) != 0)
		service->unservable = true;
	if (service->wait && service->socktype == SOCK_STREAM &&
	    service->access.acl != NULL)
		report_add(loader->reports, REPORT_WARNING, &entry->place,
		    "only_from and no_access cannot be asked for a stream "
		    "service with wait = yes");
}

static void
make_service(struct xinetd *xinetd, const struct entry *entry)
{
	struct service *service = service_new();
	struct build build = { .xinetd = xinetd, .service = service };

	service->dialect = DIALECT_XINETD;
	service->place = entry->place;
	service->name = xstrdup(entry->name);
	service->unservable = entry->broken;
	for (size_t i = 0; i < ATTRIBUTES; i++)
		apply_attribute(&build, entry, &attributes[i]);
	if (service->id == NULL)
		service->id = xstrdup(entry->name);
	if (service->disabled)
		service->unservable = false;
	finish_protocol(&build, entry);
	if (!service->disabled) {
		finish_socket(&build, entry);
		finish_command(&build, entry);
		finish_rules(&build, entry);
	}
	conf_add(xinetd->loader->conf, service);
}

/* "enabled" leaves only its ids, "disabled" takes its own away. */
static void
apply_switches(struct xinetd *xinetd, size_t first)
{
	struct conf *conf = xinetd->loader->conf;
	char **enabled = NULL, **disabled = NULL;

	merge_entry(&enabled, &xinetd->defaults, find_attribute("enabled"),
	    true);
	merge_entry(&disabled, &xinetd->defaults,
	    find_attribute("disabled"), true);
	for (size_t i = first; i < conf->count; i++) {
		struct service *service = conf->services[i];
		bool on = enabled == NULL;

		for (size_t e = 0; enabled != NULL && enabled[e] != NULL; e++)
			on |= strcmp(enabled[e], service->id) == 0;
		for (size_t d = 0; disabled != NULL && disabled[d] != NULL;
		    d++)
			on &= strcmp(disabled[d], service->id) != 0;
		if (!on)
			service->disabled = true;
	}
	strings_free(enabled);
	strings_free(disabled);
}

static void
entry_free(struct entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		strings_free(entry->lines[i].values);
	free(entry->lines);
	free(entry->name);
}

static void
make_all(struct xinetd *xinetd)
{
	size_t first = xinetd->loader->conf->count;

	for (size_t i = 0; i < xinetd->count; i++)
		make_service(xinetd, &xinetd->entries[i]);
	apply_switches(xinetd, first);
	for (size_t i = 0; i < xinetd->count; i++)
		entry_free(&xinetd->entries[i]);
	entry_free(&xinetd->defaults);
	free(xinetd->entries);
}

void
xinetd_read(struct loader *loader, struct source *source)
{
	struct xinetd outermost = { .loader = loader };
	struct xinetd *xinetd = loader->xinetd != NULL ? loader->xinetd :
	    &outermost;
	struct cursor cursor = { .xinetd = xinetd };

	loader->xinetd = xinetd;
	cursor.p = source->text;
	cursor.place.file = conf_file(loader->conf, source->name);
	while (next_line(&cursor))
		read_top(&cursor);
	words_free(&cursor);
	if (xinetd == &outermost) {
		loader->xinetd = NULL;
		make_all(&outermost);
	}
}
