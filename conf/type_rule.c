/* Resource limits, times of day, and where a log goes. */
#include "conf/type.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "conf/choice.h"
#include "conf/hours.h"
#include "conf/service.h"
#include "conf/store.h"
#include "conf/units.h"
#include "conf/xalloc.h"

/* Resource limits. */

static bool
take_resource(const char *text, int resource, rlim_t *value)
{
	unsigned seconds;
	uint64_t size;

	if (is_unlimited(text)) {
		*value = RLIM_INFINITY;
		return true;
	}
	if (resource == RLIMIT_CPU && parse_duration(text, &seconds) == 0) {
		*value = seconds;
		return true;
	}
	if (parse_size(text, &size) != 0)
		return false;
	*value = size;
	return true;
}

/* "SOFT:HARD", or one value for both */
static bool
take_resource_limit(const char *text, struct resource_limit *limit)
{
	const char *colon = strchr(text, ':');
	char *soft;
	bool good;

	if (colon == NULL) {
		good = take_resource(text, limit->resource, &limit->soft);
		limit->hard = limit->soft;
		return good;
	}
	soft = xstrndup(text, (size_t)(colon - text));
	good = take_resource(soft, limit->resource, &limit->soft) &&
	    take_resource(colon + 1, limit->resource, &limit->hard) &&
	    limit->soft <= limit->hard; /* RLIM_INFINITY is the largest */
	free(soft);
	return good;
}

static void
set_rlimit(struct build *build, void *target)
{
	struct command *command = &build->service->command;
	struct resource_limit limit;
	size_t i;

	(void)target;
	parse_resource(build->attribute->name + strlen("rlimit_"),
	    &limit.resource);
	if (!take_resource_limit(build->setting->values[0].text, &limit)) {
		build_wants(build, 0,
		    "SOFT:HARD or one value for both, each a number with a "
		    "unit or unlimited");
		return;
	}
	/* "files" and "nofile" are one */
	for (i = 0; i < command->nrlimits; i++)
		if (command->rlimits[i].resource == limit.resource)
			break;
	if (i == command->nrlimits)
		command->rlimits = xreallocarray(command->rlimits,
		    ++command->nrlimits, sizeof(limit));
	command->rlimits[i] = limit;
}

const struct type type_rlimit = SET(NULL, NULL, set_rlimit);

static void
print_rlimit_value(const struct output *out, rlim_t value)
{
	if (value == RLIM_INFINITY)
		fputs("unlimited", out->file);
	else
		fprintf(out->file, "%llu", (unsigned long long)value);
}

/* All of them, in the order of the list. */
static void
print_rlimits(const struct output *out, const void *value)
{
	const struct command *command = &out->service->command;

	(void)value;
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

const struct type type_rlimits = KEPT(&store_rlimits, print_rlimits);

/* Times of day. */

static void
set_hours(struct build *build, void *target)
{
	struct access *access = &build->service->access;
	const char *zone;

	(void)target;
	access->hours = xcalloc(build->setting->count, sizeof(*access->hours));
	for (size_t i = 0; i < build->setting->count; i++)
		if (hours_parse(build->setting->values[i].text,
			&access->hours[access->nhours], &zone) == 0)
			access->nhours++;
		else if (zone != NULL)
			build_wants(build, i,
			    "a time zone that this system has, such as "
			    "Europe/Amsterdam");
		else
			build_wants(build, i, "[DAYS] H:MM-H:MM [ZONE]");
}

static void
print_hours(const struct output *out, const void *value)
{
	const struct access *access = &out->service->access;
	char text[HOURS_TEXT];

	(void)value;
	if (access->nhours == 0)
		return;
	print_name(out);
	fputc('{', out->file);
	for (size_t i = 0; i < access->nhours; i++)
		fprintf(out->file, "%s\"%s\"", i > 0 ? ", " : "",
		    hours_print(&access->hours[i], text, sizeof(text)));
	fputs("}\n", out->file);
}

const struct type type_hours = {
	.store = &store_hours, .set = set_hours, .print = print_hours
};

/* Logs. */

static bool
take_log_size(const char *text, uint64_t *size)
{
	if (is_unlimited(text)) {
		*size = 0;
		return true;
	}
	return parse_size(text, size) == 0;
}

/* FILE PATH [SOFT [HARD]]; without a hard limit a little more than soft, as
 * in xinetd */
static void
set_log_file(struct build *build, struct log_target *log)
{
	if (build->setting->values[1].text[0] != '/') {
		build_wants(build, 1, "an absolute path");
		return;
	}
	for (size_t i = 2; i < build->setting->count; i++)
		if (!take_log_size(build->setting->values[i].text,
			i == 2 ? &log->soft : &log->hard)) {
			build_wants(build, i,
			    "a size such as 10M, or unlimited");
			return;
		}
	if (build->setting->count == 3 && log->soft > 0)
		log->hard = log_hard_limit(log->soft);
	if (log->hard > 0 && log->hard < log->soft) {
		build_refuse(build, &build->setting->values[3].place,
		    "%s: the hard limit is below the soft one",
		    build->attribute->name);
		return;
	}
	log->kind = LOG_TO_FILE;
	free(log->path);
	log->path = xstrdup(build->setting->values[1].text);
}

static void
set_log_syslog(struct build *build, struct log_target *log)
{
	log->kind = LOG_TO_SYSLOG;
	log->level = LOG_INFO;
	if (parse_facility(build->setting->values[1].text, &log->facility) != 0)
		build_wants(build, 1, "a syslog facility");
	else if (build->setting->count == 3 &&
	    parse_level(build->setting->values[2].text, &log->level) != 0)
		build_wants(build, 2, "a syslog level");
}

static void
set_log_type(struct build *build, void *target)
{
	static const struct choice kinds[] = {
		{ "SYSLOG", LOG_TO_SYSLOG, LACK_NONE },
		{ "FILE", LOG_TO_FILE, LACK_NONE },
		{ "STDERR", LOG_TO_STDERR, LACK_NONE },
		{ "DEFAULT", LOG_TO_DEFAULT, LACK_NONE }, { NULL, 0, LACK_NONE }
	};
	static const struct {
		size_t least, most;
	} counts[] = {
		[LOG_TO_DEFAULT] = { 1, 1 },
		[LOG_TO_SYSLOG] = { 2, 3 },
		[LOG_TO_FILE] = { 2, 4 },
		[LOG_TO_STDERR] = { 1, 1 },
	};
	struct log_target *log = target;
	unsigned kind;

	if (!choice_take(build, kinds, &kind))
		return;
	if (build->setting->count < counts[kind].least ||
	    build->setting->count > counts[kind].most)
		build_refuse(build, &build->setting->values[0].place,
		    "%s: expected {SYSLOG, FACILITY, LEVEL}, {FILE, PATH, "
		    "SOFT, HARD}, STDERR or DEFAULT",
		    build->attribute->name);
	else if (kind == LOG_TO_FILE)
		set_log_file(build, log);
	else if (kind == LOG_TO_SYSLOG)
		set_log_syslog(build, log);
	else
		log->kind = (enum log_kind)kind;
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
print_log_file(const struct output *out, const struct log_target *log)
{
	fputs("{FILE, ", out->file);
	print_quoted(out, log->path);
	if (log->soft != 0 || log->hard != 0) {
		print_log_size(out, log->soft);
		print_log_size(out, log->hard);
	}
	fputs("}\n", out->file);
}

static void
print_log(const struct output *out, const void *value)
{
	const struct log_target *log = value;
	const char *facility = facility_name(log->facility);
	const char *level = level_name(log->level);

	switch (log->kind) {
	case LOG_TO_DEFAULT:
		break;
	case LOG_TO_SYSLOG:
		print_line(out, "{SYSLOG, %s, %s}",
		    facility != NULL ? facility : "daemon",
		    level != NULL ? level : "info");
		break;
	case LOG_TO_STDERR:
		print_word(out, "STDERR");
		break;
	case LOG_TO_FILE:
		print_name(out);
		print_log_file(out, log);
		break;
	}
}

const struct type type_log = {
	.store = &store_log, .set = set_log_type, .print = print_log
};

static void
set_facility(struct build *build, void *target)
{
	struct log_target *log = &build->globals->log;

	(void)target;
	if (parse_facility(build->setting->values[0].text, &log->facility) !=
	    0) {
		build_wants(build, 0, "a syslog facility");
		return;
	}
	log->kind = LOG_TO_SYSLOG;
	log->level = LOG_INFO;
}

const struct type type_facility = SET(NULL, NULL, set_facility);
