/* Numbers with units, and words of syslog(3) and getrlimit(2). */
#include "conf/units.h"

#include <sys/resource.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

struct named {
	const char *name;
	int value;
};

static const struct named facilities[] = { { "auth", LOG_AUTH },
	{ "authpriv", LOG_AUTHPRIV }, { "cron", LOG_CRON },
	{ "daemon", LOG_DAEMON }, { "ftp", LOG_FTP }, { "kern", LOG_KERN },
	{ "lpr", LOG_LPR }, { "mail", LOG_MAIL }, { "news", LOG_NEWS },
	{ "syslog", LOG_SYSLOG }, { "user", LOG_USER }, { "uucp", LOG_UUCP },
	{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 }, { "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 },
	{ "security", LOG_AUTH }, { NULL, 0 } };

static const struct named levels[] = { { "emerg", LOG_EMERG },
	{ "alert", LOG_ALERT }, { "crit", LOG_CRIT }, { "err", LOG_ERR },
	{ "warning", LOG_WARNING }, { "notice", LOG_NOTICE },
	{ "info", LOG_INFO }, { "debug", LOG_DEBUG }, { "error", LOG_ERR },
	{ "warn", LOG_WARNING }, { NULL, 0 } };

static const struct named resources[] = { { "as", RLIMIT_AS },
	{ "core", RLIMIT_CORE }, { "cpu", RLIMIT_CPU }, { "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE }, { "locks", RLIMIT_LOCKS },
	{ "memlock", RLIMIT_MEMLOCK }, { "msgqueue", RLIMIT_MSGQUEUE },
	{ "nice", RLIMIT_NICE }, { "rttime", RLIMIT_RTTIME },
	{ "nofile", RLIMIT_NOFILE }, { "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS }, { "rtprio", RLIMIT_RTPRIO },
	{ "sigpending", RLIMIT_SIGPENDING }, { "stack", RLIMIT_STACK },
	{ "files", RLIMIT_NOFILE }, { NULL, 0 } };

static const struct named booleans[] = { { "yes", 1 }, { "no", 0 },
	{ "true", 1 }, { "false", 0 }, { "on", 1 }, { "off", 0 }, { NULL, 0 } };

static int
find_word(const struct named *words, const char *text, int *value)
{
	for (; words->name != NULL; words++)
		if (strcasecmp(words->name, text) == 0) {
			*value = words->value;
			return 0;
		}
	return -1;
}

static const char *
find_name(const struct named *words, int value)
{
	for (; words->name != NULL; words++)
		if (words->value == value)
			return words->name;
	return NULL;
}

/* Digits up to the first other character; -1 if there are none, or too
 * many. */
static int
take_digits(const char **text, unsigned long long *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return -1;
	errno = 0;
	*value = strtoull(*text, &end, 10);
	*text = end;
	return errno == 0 ? 0 : -1;
}

int
parse_number(const char *text, unsigned long long min, unsigned long long max,
    unsigned long long *value)
{
	return take_digits(&text, value) == 0 && *text == '\0' &&
		*value >= min && *value <= max ?
	    0 :
	    -1;
}

enum { ID_DIGITS = 10 };

int
parse_id(const char *text, uint32_t *id)
{
	unsigned long long number;

	if (strlen(text) > ID_DIGITS ||
	    parse_number(text, 0, UINT32_MAX - 1, &number) != 0)
		return -1;
	*id = (uint32_t)number;
	return 0;
}

int
parse_size(const char *text, uint64_t *size)
{
	static const char units[] = "kmg";
	const char *unit;
	unsigned long long value;
	unsigned shift = 0;

	if (take_digits(&text, &value) != 0)
		return -1;
	if (*text != '\0') {
		unit = strchr(units, *text | 0x20);
		if (unit == NULL || text[1] != '\0')
			return -1;
		shift = 10 * ((unsigned)(unit - units) + 1);
	}
	if (value > UINT64_MAX >> shift)
		return -1;
	*size = (uint64_t)value << shift;
	return 0;
}

int
parse_client_bits(const char *text, struct client_bits *bits)
{
	unsigned long long v4, v6;

	if (take_digits(&text, &v4) != 0 || *text++ != '/' ||
	    take_digits(&text, &v6) != 0 || *text != '\0' || v4 < 1 ||
	    v4 > 32 || v6 < 1 || v6 > 128)
		return -1;
	bits->v4 = (uint8_t)v4;
	bits->v6 = (uint8_t)v6;
	return 0;
}

static int
unit_seconds(const char **text, unsigned long long *seconds)
{
	switch (**text) {
	case '\0':
		*seconds = 1;
		return 0;
	case 's':
		*seconds = 1;
		break;
	case 'm':
		*seconds = 60;
		break;
	case 'h':
		*seconds = 60 * 60;
		break;
	case 'd':
		*seconds = 24 * 60 * 60;
		break;
	default:
		return -1;
	}
	(*text)++;
	return 0;
}

int
parse_duration(const char *text, unsigned *seconds)
{
	unsigned long long value, unit, sum = 0;

	do {
		if (take_digits(&text, &value) != 0 ||
		    unit_seconds(&text, &unit) != 0 || value > UINT_MAX / unit)
			return -1;
		sum += value * unit;
		if (sum > UINT_MAX)
			return -1;
	} while (*text != '\0');
	*seconds = (unsigned)sum;
	return 0;
}

bool
is_unlimited(const char *text)
{
	return strcasecmp(text, "unlimited") == 0;
}

int
parse_bool(const char *text, bool *value)
{
	int number;

	if (find_word(booleans, text, &number) != 0)
		return -1;
	*value = number != 0;
	return 0;
}

int
parse_octal(const char *text, unsigned *value)
{
	size_t length = strspn(text, "01234567");
	unsigned long number;

	if (length == 0 || length > 6 || text[length] != '\0')
		return -1;
	number = strtoul(text, NULL, 8);
	if (number > 07777)
		return -1;
	*value = (unsigned)number;
	return 0;
}

int
parse_facility(const char *text, int *value)
{
	return find_word(facilities, text, value);
}

int
parse_level(const char *text, int *value)
{
	return find_word(levels, text, value);
}

const char *
facility_name(int value)
{
	return find_name(facilities, value);
}

const char *
level_name(int value)
{
	return find_name(levels, value);
}

int
parse_resource(const char *text, int *value)
{
	return find_word(resources, text, value);
}

const char *
resource_name(int value)
{
	return find_name(resources, value);
}

const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}
