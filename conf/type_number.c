/* Numbers: counts, sizes, times, rates, and what has a form of its own. */
#include "conf/type.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "conf/build.h"
#include "conf/output.h"
#include "conf/store.h"
#include "conf/units.h"
#include "conf/xalloc.h"

enum {
	COUNT_MAX = 1000000000,
	SECONDS_PER_MINUTE = 60,
	TIMEOUT_MAX = 3600,
	NUMBER = 32,
	DECIMALS = 17
};

/* Counts. */

static bool
take_count(const char *text, unsigned *count)
{
	unsigned long long value;

	if (is_unlimited(text)) {
		*count = LIMIT_NONE;
		return true;
	}
	if (parse_number(text, 0, COUNT_MAX, &value) != 0)
		return false;
	*count = (unsigned)value;
	return true;
}

/* A number that is at least so large, or unlimited. */
static bool
is_count(const char *text, unsigned least, unsigned *count)
{
	return take_count(text, count) &&
	    (*count >= least || is_unlimited(text));
}

#define WANTS_COUNT "a number from 1 to 1000000000, or unlimited"

static bool
parse_count(const char *text, void *target)
{
	unsigned count;

	if (!is_count(text, 1, &count))
		return false;
	*(unsigned *)target = count;
	return true;
}

static void
set_count(struct build *build, void *target)
{
	unsigned count, least = build->manner->least;

	if (is_count(build->setting->values[0].text, least, &count))
		*(unsigned *)target = count;
	else
		build_wants(build, 0,
		    least == 0 ? "a number up to 1000000000, or unlimited" :
				 WANTS_COUNT);
}

/* "unlimited" where silence would be a limit. */
static void
print_count(const struct output *out, const void *value)
{
	unsigned count = *(const unsigned *)value;

	if (is_limit(count))
		print_line(out, "%u", count);
	else if (count == LIMIT_NONE && output_silence(out) != LIMIT_NONE)
		print_word(out, "unlimited");
}

const struct type type_count = { .store = &store_plain,
	.set = set_count,
	.print = print_count,
	.parse = parse_count,
	.wants = WANTS_COUNT };

static bool
parse_backlog(const char *text, void *count)
{
	unsigned least;

	if (is_unlimited(text) || !take_count(text, &least) || least == 0)
		return false;
	*(unsigned *)count = least;
	return true;
}

static void
print_backlog(const struct output *out, const void *value)
{
	unsigned count = *(const unsigned *)value;

	if (is_limit(count) && count != output_silence(out))
		print_line(out, "%u", count);
}

const struct type type_backlog = PARSED(&store_plain, print_backlog,
    parse_backlog, "a number from 1 to 1000000000");

static bool
parse_processes(const char *text, void *count)
{
	unsigned number;

	if (!parse_backlog(text, &number) || number > INTERNAL_PROCESSES)
		return false;
	*(unsigned *)count = number;
	return true;
}

const struct type type_processes = PARSED(&store_plain, print_backlog,
    parse_processes, "a number from 1 to 64");

/* Sizes. */

/* Socket buffers; the kernel doubles what it is asked for. */
static bool
parse_buffer(const char *text, void *target)
{
	uint64_t size;

	if (parse_size(text, &size) != 0 || size == 0 || size > INT_MAX / 2)
		return false;
	*(unsigned *)target = (unsigned)size;
	return true;
}

static void
print_size(const struct output *out, const void *value)
{
	unsigned size = *(const unsigned *)value;

	if (size != 0)
		print_line(out, "%u", size);
}

const struct type type_size = PARSED(&store_plain, print_size, parse_buffer,
    "a size such as 64k or 1M");

static bool
parse_memory(const char *text, void *target)
{
	uint64_t size;

	if (parse_size(text, &size) != 0 || size == 0 || size > SIZE_MAX / 4)
		return false;
	*(uint64_t *)target = size;
	return true;
}

static void
print_memory(const struct output *out, const void *value)
{
	uint64_t size = *(const uint64_t *)value;

	if (size != 0)
		print_line(out, "%llu", (unsigned long long)size);
}

const struct type type_memory = PARSED(&store_plain, print_memory, parse_memory,
    "a size such as 512M or 4G");

/* Times. */

static bool
parse_seconds(const char *text, void *target)
{
	unsigned seconds;

	if (parse_duration(text, &seconds) != 0 || seconds == LIMIT_UNSET)
		return false;
	*(unsigned *)target = seconds;
	return true;
}

static void
print_duration(const struct output *out, const void *value)
{
	unsigned seconds = *(const unsigned *)value;

	if (is_limit(seconds))
		print_line(out, "%us", seconds);
}

const struct type type_duration = PARSED(&store_plain, print_duration,
    parse_seconds, "a time such as 30s, 5m or 1h30m");

/* A time that is one: without a limit, nobody would be told anything. */
static bool
parse_timeout(const char *text, void *target)
{
	unsigned seconds;

	if (parse_duration(text, &seconds) != 0 || seconds == 0 ||
	    seconds > TIMEOUT_MAX)
		return false;
	*(unsigned *)target = seconds;
	return true;
}

const struct type type_timeout = PARSED(&store_plain, print_duration,
    parse_timeout, "a time from 1s to 1h");

static bool
parse_idle(const char *text, void *target)
{
	if (!is_unlimited(text))
		return parse_seconds(text, target);
	*(unsigned *)target = LIMIT_NONE;
	return true;
}

static void
print_idle(const struct output *out, const void *value)
{
	unsigned seconds = *(const unsigned *)value;

	if (seconds == output_silence(out))
		return;
	if (seconds == LIMIT_NONE)
		print_word(out, "unlimited");
	else
		print_duration(out, value);
}

const struct type type_idle = PARSED(&store_plain, print_idle, parse_idle,
    "a time such as 30s, 5m or 1h30m");

/* None, unless it is said. */
const struct type type_time_limit = PARSED(&store_plain, print_idle, parse_idle,
    "a time such as 30s, 5m or 1h30m, or unlimited");

static void
print_grace(const struct output *out, const void *value)
{
	unsigned seconds = *(const unsigned *)value;

	if (seconds != output_silence(out))
		print_line(out, "%us", seconds);
}

/* Here 0 is no time at all. */
const struct type type_grace = PARSED(&store_plain, print_grace, parse_seconds,
    "a time such as 5s");

/* Rates. */

/* "100" in a minute, "5/s", "1000/10m", "unlimited" */
static bool
parse_rate(const char *text, void *target)
{
	struct rate rate = { .seconds = SECONDS_PER_MINUTE };
	const char *slash = strchr(text, '/');
	char *count = xstrndup(text, strcspn(text, "/")), *period;
	bool good = take_count(count, &rate.count);

	if (slash != NULL) {
		period = xasprintf("%s%s",
		    slash[1] >= '0' && slash[1] <= '9' ? "" : "1", slash + 1);
		good = good && !is_unlimited(count) && slash[1] != '\0' &&
		    parse_duration(period, &rate.seconds) == 0 &&
		    rate.seconds > 0;
		free(period);
	}
	free(count);
	if (good)
		*(struct rate *)target = rate;
	return good;
}

static void
print_rate(const struct output *out, const void *value)
{
	const struct rate *rate = value;

	if (is_limit(rate->count))
		print_line(out, "%u/%us", rate->count, rate->seconds);
	else if (rate->count == LIMIT_NONE && output_silence(out) != LIMIT_NONE)
		print_word(out, "unlimited");
}

const struct type type_rate = PARSED(&store_plain, print_rate, parse_rate,
    "a rate such as 100/m, 5/s or 1000/10m, or unlimited");

/* xinetd's: so many in a second, and the longest pause. */
static void
set_cps(struct build *build, void *target)
{
	struct limits *limits = &build->service->limits;

	(void)target;
	if (!take_count(build->setting->values[0].text, &limits->rate.count)) {
		build_wants(build, 0, "a number, or unlimited");
		return;
	}
	limits->rate.seconds = 1;
	if (build->setting->count == 2 &&
	    parse_duration(build->setting->values[1].text,
		&limits->max_pause) != 0)
		build_wants(build, 1, "a time such as 10s");
}

const struct type type_cps = SET(NULL, NULL, set_cps);

/* Load. */

static bool
parse_load(const char *text, void *target)
{
	char *end;
	double load = strtod(text, &end);

	/* strtod(3) takes more than numbers in decimal */
	if (text[strspn(text, "0123456789.eE+-")] != '\0' || *end != '\0' ||
	    !(load > 0) || !isfinite(load))
		return false;
	*(double *)target = load;
	return true;
}

static bool
reads_back(const char *text, double value)
{
	double other = strtod(text, NULL);

	return !(other < value) && !(other > value);
}

/* With as few decimals as read back the same. */
static void
print_load(const struct output *out, const void *value)
{
	double load = *(const double *)value;
	char text[NUMBER * 16];

	if (!(load > 0))
		return;
	for (int decimals = 0; decimals <= DECIMALS; decimals++) {
		snprintf(text, sizeof(text), "%.*f", decimals, load);
		if (reads_back(text, load))
			break;
	}
	print_word(out, text);
}

const struct type type_load = PARSED(&store_load, print_load, parse_load,
    "a load such as 8 or 2.5");

/* Others. */

static bool
parse_mode(const char *text, void *target)
{
	unsigned value;

	if (parse_octal(text, &value) != 0 || value > 0777)
		return false;
	*(mode_t *)target = value;
	return true;
}

static const char octal[] = "an octal number up to 0777";

static void
print_mode(const struct output *out, const void *value)
{
	mode_t mode = *(const mode_t *)value;

	if (mode != out->attribute->usual)
		print_line(out, "%04o", mode);
}

const struct type type_mode = PARSED(&store_plain, print_mode, parse_mode,
    octal);

static void
print_umask(const struct output *out, const void *value)
{
	mode_t mask = *(const mode_t *)value;

	if (mask != out->attribute->usual)
		print_line(out, "%03o", mask);
}

const struct type type_umask = PARSED(&store_plain, print_umask, parse_mode,
    octal);

enum { NICE_MIN = -20, NICE_MAX = 19 };

static void
set_nice(struct build *build, void *target)
{
	const char *text = build->setting->values[0].text;
	bool minus = text[0] == '-';
	unsigned long long value;

	if (parse_number(minus ? text + 1 : text, 0,
		minus ? -NICE_MIN : NICE_MAX, &value) != 0) {
		build_wants(build, 0, "a number from -20 to 19");
		return;
	}
	build->service->command.nice_set = true;
	*(int *)target = minus ? -(int)value : (int)value;
}

static void
print_nice(const struct output *out, const void *value)
{
	if (out->service->command.nice_set)
		print_line(out, "%d", *(const int *)value);
}

const struct type type_nice = {
	.store = &store_plain, .set = set_nice, .print = print_nice
};

/* "32/64": of an IPv4 address, and of an IPv6 one. */
static bool
parse_bits(const char *text, void *target)
{
	return parse_client_bits(text, target) == 0;
}

static void
print_client_bits(const struct output *out, const void *value)
{
	const struct client_bits *bits = value;

	if (bits->v4 != CLIENT_BITS_V4 || bits->v6 != CLIENT_BITS_V6)
		print_line(out, "%u/%u", bits->v4, bits->v6);
}

const struct type type_client_bits = { .store = &store_plain,
	.set = type_set_parsed,
	.print = print_client_bits,
	.parse = parse_bits,
	.wants = "prefix lengths for IPv4 and IPv6, such as 32/64" };

/* xinetd counts minutes where all others count seconds: no bare number. */
static bool
parse_deny_time(const char *text, void *target)
{
	int *minutes = target;
	unsigned seconds;

	if (strcasecmp(text, "forever") == 0)
		*minutes = -1;
	else if (strcasecmp(text, "never") == 0)
		*minutes = 0;
	else if (text[strspn(text, "0123456789")] == '\0' ||
	    parse_duration(text, &seconds) != 0 ||
	    seconds % SECONDS_PER_MINUTE != 0)
		return false;
	else
		*minutes = (int)(seconds / SECONDS_PER_MINUTE);
	return true;
}

static void
print_deny_time(const struct output *out, const void *value)
{
	int minutes = *(const int *)value;

	if (minutes < 0)
		print_word(out, "forever");
	else if (minutes > 0)
		print_line(out, "%dm", minutes);
	else if (out->service->sensor)
		print_word(out, "never");
}

const struct type type_deny_time = {
	.store = &store_plain,
	.set = type_set_parsed,
	.print = print_deny_time,
	.parse = parse_deny_time,
	.wants = "whole minutes with a unit, such as 60m, or forever, or never"
};
