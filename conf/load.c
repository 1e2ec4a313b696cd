/*
 * From file names to a checked conf: choose readers, give every entry its
 * defaults, check the whole.
 */
#include "conf/load.h"

#include <netinet/in.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/banner.h"
#include "conf/check.h"
#include "conf/readers.h"
#include "conf/rules.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

/* a pattern, so that the file need not exist */
static const char *const inetd_conf = "/etc/inetd.con[f]";

enum {
	BACKLOG = 1024,
	MAX_CHILDREN = 1000,
	MAX_CONNECTIONS = 4000,
	FIRST_FREE = 61184,
	LAST_FREE = 65519,
	NOBODY = 65534
};

/* Guessing a dialect. */

static const char *
skip_to_text(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (p[0] == '/' && p[1] == '*') {
			const char *end = strstr(p, "*/");

			if (end == NULL)
				return p + strlen(p);
			p = end + 2;
		} else if (*p == '#' || (p[0] == '/' && p[1] == '/'))
			p += strcspn(p, "\n");
		else
			return p;
	}
}

static bool
starts_with(const char *p, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(p, word, length) == 0 &&
	    !isalnum((unsigned char)p[length]) && p[length] != '_' &&
	    p[length] != '-';
}

static bool
is_section(const char *p)
{
	return starts_with(p, "service") || starts_with(p, "defaults");
}

static bool
line_has(const char *p, const char *bytes)
{
	size_t length = strcspn(p, "\n");

	return strcspn(p, bytes) < length;
}

/* "service NAME" with its brace on the next line is xinetd's; a quoted name
 * is superd's, and so is a brace on the same line, unless another section has
 * it on the next one. */
static enum dialect
guess_section(const char *p)
{
	for (; *p != '\0'; p = skip_to_text(p + strcspn(p, "\n"))) {
		if (!is_section(p))
			continue;
		if (line_has(p, "\"'"))
			return DIALECT_SUPERD;
		if (!line_has(p, "{"))
			return DIALECT_XINETD;
	}
	return DIALECT_SUPERD;
}

/* Text of superd.conf that xinetd's may look like. */
static bool
may_be_xinetds(const char *text)
{
	const char *p = skip_to_text(text);

	return is_section(p) && !line_has(p, "\"'");
}

static bool
is_assignment(const char *p)
{
	size_t length = 0;

	while (isalnum((unsigned char)p[length]) || p[length] == '_')
		length++;
	if (length == 0)
		return false;
	p += length;
	p += strspn(p, " \t");
	return *p == '=' || (p[0] == '+' && p[1] == '=');
}

enum dialect
dialect_guess(const char *text)
{
	const char *p = skip_to_text(text);

	if (is_section(p))
		return guess_section(p);
	if ((starts_with(p, "includedir") || starts_with(p, "include")) &&
	    !is_assignment(p))
		return DIALECT_XINETD;
	return is_assignment(p) ? DIALECT_SUPERD : DIALECT_INETD;
}

/* Reading. */

/* Guessed to be superd.conf, and full of errors: say what it was taken for. */
static void
read_guessed(struct loader *loader, struct source *source)
{
	struct place place = { source->name, 0, 0 };
	bool doubtful = may_be_xinetds(source->text);
	size_t errors = reports_at_least(loader->reports, REPORT_SYNTAX);

	superd_read(loader, source);
	if (doubtful &&
	    reports_at_least(loader->reports, REPORT_SYNTAX) > errors)
		report_add(loader->reports, REPORT_WARNING, &place,
		    "read as superd.conf, since each brace is on the line "
		    "of its section; for xinetd.conf, use --format xinetd "
		    "or put the braces on lines of their own");
}

void
load_source(struct loader *loader, struct source *source, enum dialect dialect)
{
	bool guessed = dialect == DIALECT_AUTO;

	if (guessed)
		dialect = dialect_guess(source->text);
	conf_file(loader->conf, source->name);
	loader->conf->stamp = loader->conf->stamp * 31 + source->stamp;
	switch (dialect) {
	case DIALECT_XINETD:
		xinetd_read(loader, source);
		break;
	case DIALECT_SUPERD:
		if (guessed)
			read_guessed(loader, source);
		else
			superd_read(loader, source);
		break;
	default:
		inetd_read(loader, source);
		break;
	}
}

/*
 * Debian's xinetd -inetd_compat: an entry of xinetd's own files hides the
 * line of the same service and protocol, even when it is disabled.
 */
static const struct service *
hidden_by(const struct conf *conf, size_t own, const struct service *line)
{
	for (size_t i = 0; i < own; i++) {
		const struct service *service = conf->services[i];

		if (strcmp(service->name, line->name) == 0 &&
		    service->protocol == line->protocol)
			return service;
	}
	return NULL;
}

static void
read_compat(struct loader *loader)
{
	struct conf *conf = loader->conf;
	struct place place = { inetd_conf, 0, 0 };
	size_t own = conf->count, to = own;

	load_include(loader, inetd_conf, false, DIALECT_INETD, &place);
	for (size_t i = own; i < conf->count; i++) {
		struct service *line = conf->services[i];
		const struct service *entry = hidden_by(conf, own, line);

		if (entry == NULL) {
			conf->services[to++] = line;
			continue;
		}
		report_add(loader->reports, REPORT_WARNING, &line->place,
		    "%s is hidden by the entry at %s:%u%s", line->id,
		    entry->place.file, entry->place.line,
		    entry->disabled ? ", which is disabled" : "");
		service_free(line);
	}
	conf->count = to;
}

/*
 * As in xinetd, of a file that was not understood what stands before that
 * place is served.  A reload changes nothing anyway.
 */
static void
close_behind(struct loader *loader, const char *file)
{
	const struct place *place = reports_lost(loader->reports, file);
	struct conf *conf = loader->conf;
	struct place lost;
	size_t count = 0;

	if (place == NULL)
		return;
	lost = *place;
	for (size_t i = 0; i < conf->count; i++) {
		struct service *service = conf->services[i];

		/* names of files are the conf's own */
		if (service->place.file != file ||
		    service->place.line <= lost.line)
			continue;
		count += !service->disabled && !service->unservable;
		service->unservable = true;
		service->retry = false;
	}
	if (count > 0)
		report_add(loader->reports, REPORT_WARNING, &lost,
		    "%zu service%s after this %s not served", count,
		    plural(count), count == 1 ? "is" : "are");
}

/* Defaults. */

static unsigned
first_set(unsigned a, unsigned b, unsigned otherwise)
{
	if (a != LIMIT_UNSET)
		return a;
	return b != LIMIT_UNSET ? b : otherwise;
}

static void
prefer(unsigned *value, unsigned otherwise)
{
	if (*value == LIMIT_UNSET)
		*value = otherwise;
}

/* What the command line says goes before what the global section says. */
static struct limits
default_limits(const struct loader *loader)
{
	const struct limits *global = &loader->conf->globals.limits;
	struct limits limits = loader->context->limits;

	prefer(&limits.instances, global->instances);
	prefer(&limits.per_source, global->per_source);
	prefer(&limits.max_pause, global->max_pause);
	prefer(&limits.time_limit, global->time_limit);
	limits.internal_idle = first_set(limits.internal_idle,
	    global->internal_idle, INTERNAL_IDLE);
	if (limits.rate.count == LIMIT_UNSET)
		limits.rate = global->rate;
	if (limits.source_rate.count == LIMIT_UNSET)
		limits.source_rate = global->source_rate;
	if (limits.max_load < 0)
		limits.max_load = global->max_load;
	return limits;
}

/* A rate for all is meant for nowait services. */
static void
finish_limits(const struct loader *loader, struct service *service,
    struct limits defaults)
{
	if (service->wait || service->socktype == SOCK_DGRAM)
		defaults.rate.count = LIMIT_UNSET;
	rules_inherited(loader->reports, service, &defaults);
	limits_inherit(&service->limits, &defaults);
	/* -R 0 lifts what files say, too */
	if (loader->context->limits.rate.count == LIMIT_NONE) {
		service->limits.rate.count = LIMIT_NONE;
		service->limits.source_rate.count = LIMIT_NONE;
	}
}

/* May what no account and no group has be used?  Numbers that no system gives
 * to accounts: systemd takes some of them for services as they run, which
 * have names then. */
static bool
is_free(struct names *names, unsigned id)
{
	char text[16];
	struct account account;
	gid_t group;

	snprintf(text, sizeof(text), "%u", id);
	return names_user(names, text, &account) != 0 &&
	    names_group(names, text, &group) != 0;
}

void
conf_internal_user(struct names *names, uid_t *uid, gid_t *gid)
{
	struct account account;
	unsigned id = LAST_FREE;

	if (names_user(names, "superd", &account) == 0 && account.uid != 0) {
		*uid = account.uid;
		*gid = account.gid;
		return;
	}
	while (id >= FIRST_FREE && !is_free(names, id))
		id--;
	*uid = id >= FIRST_FREE ? id : NOBODY;
	*gid = *uid;
}

static void
finish(const struct loader *loader)
{
	const struct load_context *context = loader->context;
	struct globals *globals = &loader->conf->globals;
	struct limits limits = default_limits(loader);

	globals->max_children = first_set(context->max_children,
	    globals->max_children, MAX_CHILDREN);
	prefer(&globals->max_connections, MAX_CONNECTIONS);
	globals->backlog = first_set(context->backlog, globals->backlog,
	    BACKLOG);
	prefer(&globals->load_timeout, LOAD_TIMEOUT);
	conf_internal_user(context->names, &globals->internal_uid,
	    &globals->internal_gid);
	for (size_t i = 0; i < loader->conf->count; i++) {
		struct service *service = loader->conf->services[i];

		finish_limits(loader, service, limits);
		prefer(&service->redirect.idle, REDIRECT_IDLE);
		service->backlog = first_set(service->backlog, globals->backlog,
		    BACKLOG);
	}
}

struct conf *
conf_load(const char *file, const char *directory,
    const struct load_context *context, struct reports *reports)
{
	struct loader loader = { .context = context,
		.conf = conf_new(),
		.reports = reports,
		.read = load_source };
	struct place place = { directory, 0, 0 };

	if (file != NULL)
		load_file(&loader, file, context->format);
	if (directory != NULL)
		load_include(&loader, directory, true, context->format, &place);
	if (context->inetd_compat)
		read_compat(&loader);
	for (size_t i = 0; i < loader.conf->nfiles; i++)
		close_behind(&loader, loader.conf->files[i]);
	finish(&loader);
	conf_check(loader.conf, reports);
	conf_read_banners(loader.conf, reports);
	if (context->given != NULL && context->given->lines != NULL)
		reports_name_lines(reports, context->given->name,
		    context->given->lines, context->given->nlines);
	reports_sort(reports);
	return loader.conf;
}
