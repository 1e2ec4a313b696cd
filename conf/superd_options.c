/*
 * The types of superd.conf's options: the setters that turn the texts of one
 * option into one member of the model.  What several options mean together
 * is not known here.
 */
#include "conf/superd_options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "conf/hours.h"
#include "conf/multicast.h"
#include "conf/resolve.h"
#include "conf/rules.h"
#include "conf/service.h"
#include "conf/type.h"
#include "conf/units.h"
#include "conf/xalloc.h"

/* What superd itself does not do with it. */
enum lack {
	LACK_NONE,
	LACK_EFFECT,		/* a warning: nothing gets more open by it */
	LACK_ALL		/* the entry cannot be served */
};

/* A word with its value; name NULL ends a table of them. */
struct choice {
	const char *name;
	unsigned value;
	enum lack lack;
};

/* Reports. */

void
build_refuse(struct build *build, const struct place *place,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_addv(build->loader->reports, REPORT_SYNTAX, place, fmt, ap);
	va_end(ap);
	build->bad = true;
	if (build->service != NULL)
		build->service->unservable = true;
}

/* "umask 999: an octal number up to 0777 was expected" */
static void
expected(struct build *build, const struct attribute *attribute,
    const struct setting *setting, size_t i, const char *what)
{
	build_refuse(build, &setting->places[i], "%s %s: %s was expected",
	    attribute->name, setting->values[i], what);
}

static void
report_lack(struct build *build, const char *what, enum lack lack,
    const struct place *place)
{
	if (build->service != NULL && build->service->disabled)
		return;
	if (lack == LACK_ALL)
		resolve_failed(build->loader, build->service, false, place,
		    "%s: superd cannot do this", what);
	else if (lack != LACK_NONE)
		report_add(build->loader->reports, REPORT_WARNING, place,
		    "%s: this has no effect", what);
}

/* Texts. */

static void
set_text(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	char **text = target;

	if (setting->values[0][0] == '\0') {
		build_refuse(build, &setting->places[0],
		    "%s: a text was expected", attribute->name);
		return;
	}
	free(*text);
	*text = xstrdup(setting->values[0]);
}

const struct type type_text = { &store_text, set_text };

static void
set_control_group(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct globals *globals = build->globals;
	gid_t gid;

	set_text(build, attribute, setting, target);
	globals->control_gid = (gid_t)-1;
	if (build->bad)
		return;
	if (names_group(build->loader->context->names,
	    globals->control_group, &gid) == 0)
		globals->control_gid = gid;
	else
		report_add(build->loader->reports, REPORT_UNSERVABLE,
		    &setting->places[0], "%s: unknown group %s",
		    attribute->name, globals->control_group);
}

const struct type type_control_group = { &store_text, set_control_group };

static void
set_path(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	if (setting->values[0][0] != '/')
		expected(build, attribute, setting, 0, "an absolute path");
	else
		set_text(build, attribute, setting, target);
}

const struct type type_path = { &store_text, set_path };

static void
set_device(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct addr addr;

	if (addr_parse_host(setting->values[0], 0, &addr) == 0)
		build_refuse(build, &setting->places[0], "interface %s: the "
		    "name of a network device was expected; an address is "
		    "set with bind", setting->values[0]);
	else
		set_text(build, attribute, setting, target);
}

const struct type type_device = { &store_text, set_device };

static void
set_list(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	char ***list = target;

	(void)build;
	(void)attribute;
	for (size_t i = 0; i < setting->count; i++)
		strings_add(list, setting->values[i]);
}

static void
set_multicast(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct membership membership;

	for (size_t i = 0; i < setting->count; i++)
		if (membership_parse(setting->values[i], &membership) != 0) {
			expected(build, attribute, setting, i, "a multicast "
			    "address as GROUP, GROUP@INTERFACE or GROUP from "
			    "SOURCE");
			return;
		}
	set_list(build, attribute, setting, target);
}

const struct type type_multicast = { &store_list, set_multicast };

static void
set_env(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	for (size_t i = 0; i < setting->count; i++) {
		const char *equals = strchr(setting->values[i], '=');

		if (equals == NULL || equals == setting->values[i]) {
			expected(build, attribute, setting, i, "NAME=value");
			return;
		}
	}
	set_list(build, attribute, setting, target);
}

const struct type type_env = { &store_list, set_env };

static void
set_passenv(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	for (size_t i = 0; i < setting->count; i++)
		if (setting->values[i][0] == '\0' ||
		    strchr(setting->values[i], '=') != NULL) {
			expected(build, attribute, setting, i,
			    "the name of a variable");
			return;
		}
	build->service->command.passenv_set = true;
	for (size_t i = 0; i < setting->count; i++)
		rules_passenv(build->loader->reports, &setting->places[i],
		    setting->values[i]);
	set_list(build, attribute, setting, target);
}

const struct type type_passenv = { &store_list, set_passenv };

/* What no address or name is, access_compile() reports. */
static void
set_addresses(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	for (size_t i = 0; i < setting->count; i++)
		rules_address(build->loader->reports, &setting->places[i],
		    setting->values[i]);
	set_list(build, attribute, setting, target);
}

const struct type type_addresses = { &store_list, set_addresses };

static void
set_only_from(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	build->service->access.only_from_set = true;
	set_addresses(build, attribute, setting, target);
}

const struct type type_only_from = { &store_list, set_only_from };

/* Words. */

static const struct choice *
find_choice(const struct choice *choices, const char *word)
{
	for (; choices->name != NULL; choices++)
		if (strcasecmp(choices->name, word) == 0)
			return choices;
	return NULL;
}

enum { CHOICES_MAX = 16 };

static void
unknown_word(struct build *build, const struct attribute *attribute,
    const struct setting *setting, size_t i, const struct choice *choices)
{
	const char *names[CHOICES_MAX + 1], *near;
	size_t n;

	for (n = 0; n < CHOICES_MAX && choices[n].name != NULL; n++)
		names[n] = choices[n].name;
	names[n] = NULL;
	near = report_nearest(setting->values[i], names);
	build_refuse(build, &setting->places[i], "%s: unknown word %s%s%s%s",
	    attribute->name, setting->values[i], near != NULL ?
	    ", did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
}

/* Bits of all words. */
static unsigned
take_words(struct build *build, const struct attribute *attribute,
    const struct setting *setting, const struct choice *choices)
{
	unsigned bits = 0;

	for (size_t i = 0; i < setting->count; i++) {
		const struct choice *choice = find_choice(choices,
		    setting->values[i]);

		if (choice == NULL) {
			unknown_word(build, attribute, setting, i, choices);
			continue;
		}
		bits |= choice->value;
		report_lack(build, choice->name, choice->lack,
		    &setting->places[i]);
	}
	return bits;
}

static const struct choice types[] = {
	{ "INTERNAL", TYPE_INTERNAL, LACK_NONE },
	{ "RPC", TYPE_RPC, LACK_NONE },
	{ "UNLISTED", TYPE_UNLISTED, LACK_NONE },
	{ "TCPMUX", TYPE_TCPMUX, LACK_NONE },
	{ "TCPMUXPLUS", TYPE_TCPMUXPLUS, LACK_NONE },
	{ NULL, 0, LACK_NONE }
};

static void
set_type(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	(void)target;
	build->type = take_words(build, attribute, setting, types);
}

const struct type type_type = { NULL, set_type };

static const struct choice flags[] = {
	{ "IPv4", FLAG_IPV4, LACK_NONE }, { "IPv6", FLAG_IPV6, LACK_NONE },
	{ "NAMEINARGS", FLAG_NAMEINARGS, LACK_NONE },
	{ "NOLIBWRAP", FLAG_NOLIBWRAP, LACK_NONE },
	{ "REUSE", FLAG_REUSE, LACK_NONE },	/* always so */
	{ "NODELAY", FLAG_NODELAY, LACK_NONE },
	{ "KEEPALIVE", FLAG_KEEPALIVE, LACK_NONE },
	{ "NORETRY", FLAG_NORETRY, LACK_EFFECT },
	{ "IDONLY", FLAG_IDONLY, LACK_NONE },
	{ "INTERCEPT", FLAG_INTERCEPT, LACK_ALL },
	{ "SENSOR", FLAG_SENSOR, LACK_NONE },
	{ "LABELED", FLAG_LABELED, LACK_ALL },
	{ NULL, 0, LACK_NONE }
};

static void
set_flags(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct service *service = build->service;
	unsigned bits = take_words(build, attribute, setting, flags);

	(void)target;
	build->flags = bits;
	service->nodelay = (bits & FLAG_NODELAY) != 0;
	service->keepalive = (bits & FLAG_KEEPALIVE) != 0;
	service->noretry = (bits & FLAG_NORETRY) != 0;
	service->idonly = (bits & FLAG_IDONLY) != 0;
	service->intercept = (bits & FLAG_INTERCEPT) != 0;
	service->sensor = (bits & FLAG_SENSOR) != 0;
	service->labeled = (bits & FLAG_LABELED) != 0;
}

const struct type type_flags = { NULL, set_flags };

static const struct choice logs[] = {
	{ "PID", LOGS_PID, LACK_NONE }, { "HOST", LOGS_HOST, LACK_NONE },
	{ "USERID", LOGS_USERID, LACK_NONE },
	{ "EXIT", LOGS_EXIT, LACK_NONE },
	{ "DURATION", LOGS_DURATION, LACK_NONE },
	{ "TRAFFIC", LOGS_TRAFFIC, LACK_NONE },
	{ "ATTEMPT", LOGS_ATTEMPT, LACK_NONE },
	{ NULL, 0, LACK_NONE }
};

static void
set_log_on(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	*(unsigned *)target = take_words(build, attribute, setting, logs);
}

const struct type type_log_on = { &store_plain, set_log_on };

/* One word out of a table. */
static bool
take_choice(struct build *build, const struct attribute *attribute,
    const struct setting *setting, const struct choice *choices,
    unsigned *value)
{
	const struct choice *choice = find_choice(choices,
	    setting->values[0]);

	if (choice == NULL) {
		unknown_word(build, attribute, setting, 0, choices);
		return false;
	}
	*value = choice->value;
	return true;
}

static void
set_excess(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	static const struct choice choices[] = {
		{ "queue", EXCESS_QUEUE, LACK_NONE },
		{ "refuse", EXCESS_REFUSE, LACK_NONE },
		{ NULL, 0, LACK_NONE }
	};
	unsigned value;

	if (take_choice(build, attribute, setting, choices, &value))
		*(enum excess *)target = (enum excess)value;
}

const struct type type_excess = { &store_plain, set_excess };

static void
set_stderr(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	static const struct choice choices[] = {
		{ "socket", STDERR_SOCKET, LACK_NONE },
		{ "log", STDERR_LOG, LACK_NONE },
		{ "null", STDERR_NULL, LACK_NONE },
		{ NULL, 0, LACK_NONE }
	};
	unsigned value;

	if (take_choice(build, attribute, setting, choices, &value))
		*(enum stderr_to *)target = (enum stderr_to)value;
}

const struct type type_stderr = { &store_plain, set_stderr };

static void
set_bool(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	if (parse_bool(setting->values[0], target) != 0)
		expected(build, attribute, setting, 0, "yes or no");
}

const struct type type_bool = { &store_plain, set_bool };

/* Numbers. */

enum { COUNT_MAX = 1000000000, SECONDS_PER_MINUTE = 60, TIMEOUT_MAX = 3600 };

static bool
is_unlimited(const char *text)
{
	return strcasecmp(text, "unlimited") == 0;
}

static bool
take_count(const char *text, unsigned *count)
{
	unsigned long long value;
	const char *why;

	if (is_unlimited(text)) {
		*count = LIMIT_NONE;
		return true;
	}
	if (parse_number(text, 0, COUNT_MAX, &value, &why) != 0)
		return false;
	*count = (unsigned)value;
	return true;
}

static void
set_count(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	if (!take_count(setting->values[0], target))
		expected(build, attribute, setting, 0,
		    "a number up to 1000000000, or unlimited");
}

const struct type type_count = { &store_plain, set_count };

static void
set_backlog(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	unsigned long long value;
	const char *why;

	if (parse_number(setting->values[0], 1, COUNT_MAX, &value,
	    &why) != 0)
		expected(build, attribute, setting, 0,
		    "a number from 1 to 1000000000");
	else
		*(unsigned *)target = (unsigned)value;
}

const struct type type_backlog = { &store_plain, set_backlog };

/* Socket buffers; the kernel doubles what it is asked for. */
static void
set_size(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	uint64_t size;

	if (parse_size(setting->values[0], &size) != 0 || size == 0 ||
	    size > INT_MAX / 2)
		expected(build, attribute, setting, 0,
		    "a size such as 64k or 1M");
	else
		*(unsigned *)target = (unsigned)size;
}

const struct type type_size = { &store_plain, set_size };

static void
set_memory(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	uint64_t size;

	if (parse_size(setting->values[0], &size) != 0 || size == 0 ||
	    size > SIZE_MAX / 4)
		expected(build, attribute, setting, 0,
		    "a size such as 512M or 4G");
	else
		*(uint64_t *)target = size;
}

const struct type type_memory = { &store_plain, set_memory };

static void
set_duration(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	unsigned seconds;

	if (parse_duration(setting->values[0], &seconds) != 0 ||
	    seconds == LIMIT_UNSET)
		expected(build, attribute, setting, 0,
		    "a time such as 30s, 5m or 1h30m");
	else
		*(unsigned *)target = seconds;
}

const struct type type_duration = { &store_plain, set_duration };

/* A time that is one: without a limit, nobody would be told anything. */
static void
set_timeout(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	unsigned seconds;

	if (parse_duration(setting->values[0], &seconds) != 0 ||
	    seconds == 0 || seconds > TIMEOUT_MAX)
		expected(build, attribute, setting, 0,
		    "a time from 1s to 1h");
	else
		*(unsigned *)target = seconds;
}

const struct type type_timeout = { &store_plain, set_timeout };

static void
set_idle(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	if (is_unlimited(setting->values[0]))
		*(unsigned *)target = LIMIT_NONE;
	else
		set_duration(build, attribute, setting, target);
}

const struct type type_idle = { &store_plain, set_idle };

/* "100" in a minute, "5/s", "1000/10m", "unlimited" */
static bool
take_rate(const char *text, struct rate *rate)
{
	const char *slash = strchr(text, '/');
	char *count, *period;
	bool good;

	if (slash == NULL) {
		rate->seconds = SECONDS_PER_MINUTE;
		return take_count(text, &rate->count);
	}
	count = xstrndup(text, (size_t)(slash - text));
	period = xasprintf("%s%s", slash[1] >= '0' && slash[1] <= '9' ? "" :
	    "1", slash + 1);
	good = !is_unlimited(count) && take_count(count, &rate->count) &&
	    slash[1] != '\0' && parse_duration(period,
	    &rate->seconds) == 0 && rate->seconds > 0;
	free(count);
	free(period);
	return good;
}

static void
set_rate(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct rate rate;

	if (!take_rate(setting->values[0], &rate))
		expected(build, attribute, setting, 0, "a rate such as 100/m, "
		    "5/s or 1000/10m, or unlimited");
	else
		*(struct rate *)target = rate;
}

const struct type type_rate = { &store_plain, set_rate };

/* xinetd's: so many in a second, and the longest pause. */
static void
set_cps(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct limits *limits = &build->service->limits;

	(void)target;
	if (!take_count(setting->values[0], &limits->rate.count)) {
		expected(build, attribute, setting, 0,
		    "a number, or unlimited");
		return;
	}
	limits->rate.seconds = 1;
	if (setting->count == 2 && parse_duration(setting->values[1],
	    &limits->max_pause) != 0)
		expected(build, attribute, setting, 1, "a time such as 10s");
}

const struct type type_cps = { NULL, set_cps };

static void
set_load(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	const char *text = setting->values[0];
	char *end;
	double load = strtod(text, &end);

	/* strtod(3) takes more than numbers in decimal */
	if (text[strspn(text, "0123456789.")] != '\0' || *end != '\0' ||
	    !(load > 0))
		expected(build, attribute, setting, 0,
		    "a load such as 8 or 2.5");
	else
		*(double *)target = load;
}

const struct type type_load = { &store_load, set_load };

static void
set_octal(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	unsigned value;

	if (parse_octal(setting->values[0], &value) != 0 || value > 0777)
		expected(build, attribute, setting, 0,
		    "an octal number up to 0777");
	else
		*(mode_t *)target = value;
}

const struct type type_octal = { &store_plain, set_octal };

enum { NICE_MIN = -20, NICE_MAX = 19 };

static void
set_nice(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	const char *text = setting->values[0];
	bool minus = text[0] == '-';
	unsigned long long value;
	const char *why;

	if (parse_number(minus ? text + 1 : text, 0,
	    minus ? -NICE_MIN : NICE_MAX, &value, &why) != 0) {
		expected(build, attribute, setting, 0,
		    "a number from -20 to 19");
		return;
	}
	build->service->command.nice_set = true;
	*(int *)target = minus ? -(int)value : (int)value;
}

const struct type type_nice = { &store_plain, set_nice };

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
	    limit->soft <= limit->hard;	/* RLIM_INFINITY is the largest */
	free(soft);
	return good;
}

static void
set_rlimit(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct command *command = &build->service->command;
	struct resource_limit limit;
	size_t i;

	(void)target;
	parse_resource(attribute->name + strlen("rlimit_"), &limit.resource);
	if (!take_resource_limit(setting->values[0], &limit)) {
		expected(build, attribute, setting, 0, "SOFT:HARD or one value "
		    "for both, each a number with a unit, or unlimited,");
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

const struct type type_rlimit = { NULL, set_rlimit };

/* "32/64": of an IPv4 address, and of an IPv6 one. */
static void
set_client_bits(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct client_bits *bits = target;

	if (parse_client_bits(setting->values[0], bits) != 0)
		expected(build, attribute, setting, 0, "the length of a prefix "
		    "of IPv4 and of one of IPv6, such as 32/64,");
}

const struct type type_client_bits = { &store_plain, set_client_bits };

/* Times of day, deny time. */

static void
set_hours(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct access *access = &build->service->access;

	(void)target;
	access->hours = xcalloc(setting->count, sizeof(*access->hours));
	for (size_t i = 0; i < setting->count; i++)
		if (hours_parse(setting->values[i],
		    &access->hours[access->nhours]) != 0)
			expected(build, attribute, setting, i, "H:MM-H:MM");
		else
			access->nhours++;
}

const struct type type_hours = { &store_hours, set_hours };

/* xinetd counts minutes where all others count seconds: no bare number. */
static void
set_deny_time(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	const char *text = setting->values[0];
	int *minutes = target;
	unsigned seconds;

	if (strcasecmp(text, "forever") == 0)
		*minutes = -1;
	else if (strcasecmp(text, "never") == 0)
		*minutes = 0;
	else if (text[strspn(text, "0123456789")] == '\0' ||
	    parse_duration(text, &seconds) != 0 ||
	    seconds % SECONDS_PER_MINUTE != 0)
		expected(build, attribute, setting, 0, "whole minutes with a "
		    "unit, such as 60m, or forever, or never");
	else
		*minutes = (int)(seconds / SECONDS_PER_MINUTE);
}

const struct type type_deny_time = { &store_plain, set_deny_time };

/* Logs. */

enum { HARD_MIN = 5 * 1024, HARD_MAX = 20 * 1024 };

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
set_log_file(struct build *build, const struct attribute *attribute,
    const struct setting *setting, struct log_target *log)
{
	uint64_t more;

	if (setting->values[1][0] != '/') {
		expected(build, attribute, setting, 1, "an absolute path");
		return;
	}
	for (size_t i = 2; i < setting->count; i++)
		if (!take_log_size(setting->values[i], i == 2 ? &log->soft :
		    &log->hard)) {
			expected(build, attribute, setting, i, "a size such as "
			    "10M, or unlimited,");
			return;
		}
	if (setting->count == 3 && log->soft > 0) {
		more = log->soft / 100;
		more = more < HARD_MIN ? HARD_MIN : more;
		log->hard = log->soft + (more > HARD_MAX ? HARD_MAX : more);
	}
	if (log->hard > 0 && log->hard < log->soft) {
		build_refuse(build, &setting->places[3], "%s: the hard limit "
		    "is below the soft one", attribute->name);
		return;
	}
	log->kind = LOG_TO_FILE;
	free(log->path);
	log->path = xstrdup(setting->values[1]);
}

static void
set_log_syslog(struct build *build, const struct attribute *attribute,
    const struct setting *setting, struct log_target *log)
{
	log->kind = LOG_TO_SYSLOG;
	log->level = LOG_INFO;
	if (parse_facility(setting->values[1], &log->facility) != 0)
		expected(build, attribute, setting, 1, "a facility of syslog");
	else if (setting->count == 3 && parse_level(setting->values[2],
	    &log->level) != 0)
		expected(build, attribute, setting, 2, "a level of syslog");
}

static void
set_log_type(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	static const struct choice kinds[] = {
		{ "SYSLOG", LOG_TO_SYSLOG, LACK_NONE },
		{ "FILE", LOG_TO_FILE, LACK_NONE },
		{ "STDERR", LOG_TO_STDERR, LACK_NONE },
		{ "DEFAULT", LOG_TO_DEFAULT, LACK_NONE },
		{ NULL, 0, LACK_NONE }
	};
	static const struct { size_t least, most; } counts[] = {
		[LOG_TO_DEFAULT] = { 1, 1 }, [LOG_TO_SYSLOG] = { 2, 3 },
		[LOG_TO_FILE] = { 2, 4 }, [LOG_TO_STDERR] = { 1, 1 },
	};
	struct log_target *log = target;
	unsigned kind;

	if (!take_choice(build, attribute, setting, kinds, &kind))
		return;
	if (setting->count < counts[kind].least ||
	    setting->count > counts[kind].most)
		build_refuse(build, &setting->places[0], "%s: {SYSLOG, "
		    "FACILITY, LEVEL}, {FILE, PATH, SOFT, HARD}, STDERR or "
		    "DEFAULT was expected", attribute->name);
	else if (kind == LOG_TO_FILE)
		set_log_file(build, attribute, setting, log);
	else if (kind == LOG_TO_SYSLOG)
		set_log_syslog(build, attribute, setting, log);
	else
		log->kind = (enum log_kind)kind;
}

const struct type type_log = { &store_log, set_log_type };

static void
set_facility(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct log_target *log = &build->globals->log;

	(void)target;
	if (parse_facility(setting->values[0], &log->facility) != 0) {
		expected(build, attribute, setting, 0, "a facility of syslog");
		return;
	}
	log->kind = LOG_TO_SYSLOG;
	log->level = LOG_INFO;
}

const struct type type_facility = { NULL, set_facility };

/* What others work out. */

const struct type type_none = { NULL, NULL };
const struct type type_plain = { &store_plain, NULL };
const struct type type_unseen = { &store_unseen, NULL };
const struct type type_word = { &store_text, NULL };
const struct type type_list = { &store_list, NULL };
const struct type type_place = { &store_place, NULL };
const struct type type_banners = { &store_banners, NULL };
const struct type type_acl = { &store_acl, NULL };
const struct type type_endpoints = { &store_endpoints, NULL };
const struct type type_targets = { &store_targets, NULL };
const struct type type_groups = { &store_groups, NULL };
const struct type type_rlimits = { &store_rlimits, NULL };

/* Applying them. */

static void
apply(struct build *build, enum option_id id)
{
	const struct attribute *attribute = &attributes[id];
	const struct setting *setting = &build->settings[id];
	bool service = build->service != NULL;
	char *owner = service ? (char *)build->service :
	    (char *)build->globals;
	size_t at = service ? attribute->in_service : attribute->in_globals;

	if (setting->set && attribute->type->set != NULL)
		attribute->type->set(build, attribute, setting, owner +
		    (at != NOWHERE ? at : 0));
}

/* Resource limits are a list in the model: it has the order of the lines. */
static void
apply_rlimits(struct build *build)
{
	bool done[OPTIONS] = { false };
	size_t next;

	do {
		next = OPTIONS;
		for (size_t i = OPTION_RLIMIT_AS; i <= OPTION_RLIMIT_STACK;
		    i++)
			if (build->settings[i].set && !done[i] &&
			    (next == OPTIONS || build->settings[i].sequence <
			    build->settings[next].sequence))
				next = i;
		if (next != OPTIONS) {
			done[next] = true;
			apply(build, (enum option_id)next);
		}
	} while (next != OPTIONS);
}

void
options_apply(struct build *build)
{
	for (unsigned i = 0; i < OPTIONS; i++)
		if (i < OPTION_RLIMIT_AS || i > OPTION_RLIMIT_STACK)
			apply(build, (enum option_id)i);
	apply_rlimits(build);
}
