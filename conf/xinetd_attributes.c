/*
 * The attributes of xinetd.conf: which option of superd.conf each of them is,
 * where it may stand, and how its words become that option's.  What an option
 * means is the business of conf/attribute_rows.c and conf/make.c.
 */
#include "conf/xinetd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/access.h"
#include "conf/choice.h"
#include "conf/hours.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

void
turn_report(struct turn *turn, enum report_level level, const char *fmt, ...)
{
	bool wrong = level > REPORT_WARNING;
	va_list ap;

	/* what is wrong in defaults is wrong for every service */
	if (wrong && turn->in_defaults)
		level = REPORT_SYNTAX;
	va_start(ap, fmt);
	report_addv(turn->loader->reports, level, &turn->line->place, fmt, ap);
	va_end(ap);
	turn->entry->broken |= wrong;
	turn->failed |= wrong;
}

static char *
turn_ignored(struct turn *turn, const char *word, size_t i)
{
	(void)word;
	if (i == 0)
		turn_report(turn, REPORT_WARNING,
		    "this attribute has no effect");
	return NULL;
}

static char *
turn_lower(struct turn *turn, const char *word, size_t i)
{
	char *text = xstrdup(word);

	(void)turn;
	(void)i;
	for (char *p = text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return text;
}

/* In defaults, xinetd takes it for no. */
static char *
turn_v6only(struct turn *turn, const char *word, size_t i)
{
	(void)i;
	if (strcasecmp(word, "no") == 0 && !turn->in_defaults)
		turn_report(turn, REPORT_WARNING,
		    "v6only = no leaves the socket open to IPv4: xinetd "
		    "takes it as yes");
	return NULL;
}

/* The user's own group is among them, whatever group is given. */
static char *
turn_groups(struct turn *turn, const char *word, size_t i)
{
	(void)turn;
	(void)i;
	return strcasecmp(word, "yes") == 0 ? xstrdup("all") : NULL;
}

enum { NICE_MIN = -20, NICE_MAX = 19 };

static char *
turn_nice(struct turn *turn, const char *word, size_t i)
{
	char *end;
	long value = strtol(word, &end, 10);

	(void)i;
	if (*end != '\0' || end == word)
		return NULL;
	if (value < NICE_MIN || value > NICE_MAX) {
		value = value < NICE_MIN ? NICE_MIN : NICE_MAX;
		turn_report(turn, REPORT_WARNING, "nice: %s: limited to %ld",
		    word, value);
	}
	return xasprintf("%ld", value);
}

/* No K, no M, and no units of time. */
static char *
turn_seconds(struct turn *turn, const char *word, size_t i)
{
	(void)i;
	if (!is_unlimited(word) && word[strspn(word, "0123456789")] != '\0')
		turn_report(turn, REPORT_UNSERVABLE,
		    "rlimit_cpu: %s: expected a number", word);
	return NULL;
}

/* A name without a dot may be one of networks(5). */
static char *
turn_address(struct turn *turn, const char *word, size_t i)
{
	uint32_t number;

	(void)i;
	if (strpbrk(word, ".:/{") != NULL ||
	    names_network(turn->loader->context->names, word, &number) != 0 ||
	    number == 0)
		return NULL;
	return xasprintf("%u.%u.%u.%u", number >> 24, number >> 16 & 0xff,
	    number >> 8 & 0xff, number & 0xff);
}

/* Of IPv6, zeros on the right are not free: for xinetd "::" is an address that
 * nobody has.  It must not let in more here. */
static char *
turn_only_from(struct turn *turn, const char *word, size_t i)
{
	if (!access_is_zeros(word))
		return turn_address(turn, word, i);
	turn_report(turn, REPORT_WARNING,
	    "only_from: %s matches no client: all of IPv6 is ::/0", word);
	return xstrdup("::/128");
}

static char *
turn_no_access(struct turn *turn, const char *word, size_t i)
{
	if (access_is_zeros(word))
		turn_report(turn, REPORT_WARNING,
		    "no_access: %s is taken as all of IPv6: for xinetd, it "
		    "matches no client",
		    word);
	return turn_address(turn, word, i);
}

static char *
turn_hours(struct turn *turn, const char *word, size_t i)
{
	struct hours hours;
	const char *zone;

	(void)i;
	if (hours_parse(word, &hours, &zone) != 0 || hours.from >= hours.to)
		turn_report(turn, REPORT_UNSERVABLE,
		    "access_times: %s: expected H:MM-H:MM within one day",
		    word);
	else if (hours.to == MINUTES_PER_DAY)
		turn_report(turn, REPORT_WARNING,
		    "24:00 is the end of the day: xinetd refuses it");
	return NULL;
}

static char *
turn_libwrap(struct turn *turn, const char *word, size_t i)
{
	(void)word;
	(void)i;
	if (!turn->loader->context->have_libwrap)
		turn_report(turn, REPORT_UNSERVABLE,
		    "libwrap: this superd was built without it");
	return NULL;
}

/* Bare numbers are minutes. */
static char *
turn_minutes(struct turn *turn, const char *word, size_t i)
{
	(void)i;
	if (strcasecmp(word, "forever") == 0 || strcasecmp(word, "never") == 0)
		return NULL;
	if (word[0] != '\0' && word[strspn(word, "0123456789")] == '\0')
		return xasprintf("%sm", word);
	turn_report(turn, REPORT_UNSERVABLE,
	    "deny_time: %s: expected a number of minutes, FOREVER or NEVER",
	    word);
	return NULL;
}

static char *
turn_log_type(struct turn *turn, const char *word, size_t i)
{
	if (i != 1 || word[0] == '/' ||
	    strcasecmp(turn->line->values[0], "FILE") != 0)
		return NULL;
	turn_report(turn, REPORT_WARNING,
	    "log_type FILE %s: a relative path is taken from /", word);
	return xasprintf("/%s", word);
}

static void
check_log_word(struct turn *turn, const char *word, unsigned known)
{
	const struct choice *choice = choice_find(log_words, word);

	if (choice != NULL && (choice->value & known) == 0)
		turn_report(turn, REPORT_UNSERVABLE, "%s: unknown word %s",
		    turn->line->attribute->name, word);
}

static char *
turn_success(struct turn *turn, const char *word, size_t i)
{
	(void)i;
	check_log_word(turn, word, ~(unsigned)LOGS_ATTEMPT);
	return NULL;
}

static char *
turn_failure(struct turn *turn, const char *word, size_t i)
{
	(void)i;
	check_log_word(turn, word, LOGS_HOST | LOGS_USERID | LOGS_ATTEMPT);
	return NULL;
}

enum { ANY = INT_MAX };

#define ROW(name, option, least, most, flags, turn)    \
	{                                              \
		name, option, least, most, flags, turn \
	}
#define ONE(name, option, flags, turn) ROW(name, option, 1, 1, flags, turn)
#define WORDS(name, option, least, flags, turn) \
	ROW(name, option, least, ANY, LIST | (flags), turn)

static const struct xattribute table[] = {
	ONE("id", OPTION_ID, 0, NULL),
	ONE("disable", OPTION_DISABLE, 0, NULL),
	WORDS("type", OPTION_TYPE, 1, 0, NULL),
	WORDS("flags", OPTION_FLAGS, 1, 0, NULL),
	ONE("socket_type", OPTION_SOCKET_TYPE, 0, turn_lower),
	ONE("protocol", OPTION_PROTOCOL, 0, NULL),
	ONE("wait", OPTION_WAIT, 0, NULL),
	ONE("port", OPTION_PORT, 0, NULL),
	ONE("bind", OPTION_BIND, DEFAULTS, NULL),
	ONE("v6only", OPTION_V6ONLY, DEFAULTS, turn_v6only),
	ONE("rpc_version", OPTION_RPC_VERSION, 0, NULL),
	ONE("rpc_number", OPTION_RPC_NUMBER, 0, NULL),
	ONE("user", OPTION_USER, 0, NULL),
	ONE("group", OPTION_GROUP, 0, NULL),
	ONE("groups", OPTION_GROUPS, DEFAULTS, turn_groups),
	ONE("server", OPTION_SERVER, 0, NULL),
	WORDS("server_args", OPTION_SERVER_ARGS, 1, 0, NULL),
	WORDS("env", OPTION_ENV, 0, AGAIN | NO_REMOVE, NULL),
	WORDS("passenv", OPTION_PASSENV, 0, AGAIN | DEFAULTS | EARLY, NULL),
	ONE("nice", OPTION_NICE, 0, turn_nice),
	ONE("umask", OPTION_UMASK, DEFAULTS, NULL),
	ONE("no_new_privs", OPTION_NO_NEW_PRIVS, DEFAULTS, NULL),
	ONE("rlimit_as", OPTION_RLIMIT_AS, 0, NULL),
	ONE("rlimit_cpu", OPTION_RLIMIT_CPU, 0, turn_seconds),
	ONE("rlimit_data", OPTION_RLIMIT_DATA, 0, NULL),
	ONE("rlimit_files", OPTION_RLIMIT_FILES, 0, NULL),
	ONE("rlimit_rss", OPTION_RLIMIT_RSS, 0, NULL),
	ONE("rlimit_stack", OPTION_RLIMIT_STACK, 0, NULL),
	ROW("redirect", OPTION_REDIRECT, 2, 2, 0, NULL),
	ONE("instances", OPTION_INSTANCES, DEFAULTS, NULL),
	ONE("per_source", OPTION_PER_SOURCE, DEFAULTS, NULL),
	ROW("cps", OPTION_CPS, 2, 2, DEFAULTS, NULL),
	ONE("time_limit", OPTION_TIME_LIMIT, DEFAULTS, NULL),
	ONE("max_load", OPTION_MAX_LOAD, DEFAULTS, NULL),
	WORDS("only_from", OPTION_ONLY_FROM, 0,
	    AGAIN | DEFAULTS | EARLY | ADDRESSES, turn_only_from),
	WORDS("no_access", OPTION_NO_ACCESS, 0,
	    AGAIN | DEFAULTS | EARLY | ADDRESSES, turn_no_access),
	WORDS("access_times", OPTION_ACCESS_TIMES, 1, 0, turn_hours),
	ONE("libwrap", OPTION_LIBWRAP_NAME, 0, turn_libwrap),
	ONE("deny_time", OPTION_DENY_TIME, 0, turn_minutes),
	ONE("banner", OPTION_BANNER, DEFAULTS | EARLY, NULL),
	ONE("banner_success", OPTION_BANNER_SUCCESS, DEFAULTS | EARLY, NULL),
	ONE("banner_fail", OPTION_BANNER_FAIL, DEFAULTS | EARLY, NULL),
	ROW("log_type", OPTION_LOG_TYPE, 2, 4, DEFAULTS, turn_log_type),
	WORDS("log_on_success", OPTION_LOG_ON_SUCCESS, 0, AGAIN | DEFAULTS,
	    turn_success),
	WORDS("log_on_failure", OPTION_LOG_ON_FAILURE, 0, AGAIN | DEFAULTS,
	    turn_failure),
	WORDS("enabled", OPTIONS, 0, AGAIN | DEFAULTS | ONLY_DEFAULTS, NULL),
	WORDS("disabled", OPTIONS, 0, AGAIN | DEFAULTS | ONLY_DEFAULTS, NULL),
	ROW("mdns", OPTIONS, 1, ANY, DEFAULTS, turn_ignored),
};

enum { ATTRIBUTES = sizeof(table) / sizeof(table[0]) };

const struct xattribute *
xattribute_find(const char *name)
{
	if (strcasecmp(name, "interface") == 0)
		name = "bind"; /* its other name */
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (strcasecmp(name, table[i].name) == 0)
			return &table[i];
	return NULL;
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
