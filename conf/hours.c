/* Times of the week. */
#include "conf/hours.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf/zone.h"

enum { HOURS_MAX = 24, MINUTES = 60, SECONDS = 60, EPOCH_DAY = 4 };
enum { SECONDS_PER_DAY = MINUTES_PER_DAY * SECONDS };

/* As tm_wday has them: 1970 began on a Thursday. */
static const char names[DAYS_PER_WEEK][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
	"Fri", "Sat" };

/* One or two digits. */
static const char *
take_number(const char *text, unsigned *number)
{
	size_t digits = strspn(text, "0123456789");

	if (digits < 1 || digits > 2)
		return NULL;
	*number = 0;
	for (size_t i = 0; i < digits; i++)
		*number = *number * 10 + (unsigned)(text[i] - '0');
	return text + digits;
}

/* "H:M", up to 24:00. */
static const char *
take_time(const char *text, unsigned *minute)
{
	unsigned hours, minutes;

	text = take_number(text, &hours);
	if (text == NULL || *text != ':')
		return NULL;
	text = take_number(text + 1, &minutes);
	if (text == NULL || minutes >= MINUTES ||
	    hours * MINUTES + minutes > HOURS_MAX * MINUTES)
		return NULL;
	*minute = hours * MINUTES + minutes;
	return text;
}

/* A name of a day. */
static const char *
take_day(const char *text, unsigned *day)
{
	for (*day = 0; *day < DAYS_PER_WEEK; (*day)++)
		if (strncasecmp(text, names[*day], 3) == 0)
			return text + 3;
	return NULL;
}

/* "Mon" or "Fri-Mon": bits are added to days. */
static const char *
take_days(const char *text, unsigned *days)
{
	unsigned day, last;

	text = take_day(text, &day);
	last = day;
	if (text != NULL && *text == '-')
		text = take_day(text + 1, &last);
	if (text == NULL)
		return NULL;
	*days |= 1U << last;
	for (; day != last; day = (day + 1) % DAYS_PER_WEEK)
		*days |= 1U << day;
	return text;
}

static const char *
skip_blanks(const char *text)
{
	return *text == ' ' || *text == '\t' ?
	    text + strspn(text, " \t") :
	    NULL;
}

/* "Mon-Fri,Sun ", or nothing: every day. */
static const char *
take_week(const char *text, unsigned *days)
{
	unsigned day;

	*days = ALL_DAYS;
	if (take_day(text, &day) == NULL)
		return text;
	*days = 0;
	for (text = take_days(text, days); text != NULL && *text == ',';)
		text = take_days(text + 1, days);
	return text != NULL ? skip_blanks(text) : NULL;
}

static const char *
take_range(const char *text, struct hours *hours)
{
	text = take_time(text, &hours->from);
	if (text == NULL || *text != '-' || hours->from >= MINUTES_PER_DAY)
		return NULL;
	return take_time(text + 1, &hours->to);
}

int
hours_parse(const char *text, struct hours *hours, const char **zone)
{
	*zone = NULL;
	hours->zone = NULL;
	text = take_week(text, &hours->days);
	if (text != NULL)
		text = take_range(text, hours);
	if (text == NULL || *text == '\0')
		return text != NULL ? 0 : -1;
	text = skip_blanks(text);
	if (text == NULL)
		return -1;
	hours->zone = zone_load(text);
	if (hours->zone == NULL)
		*zone = text;
	return hours->zone != NULL ? 0 : -1;
}

/* The days as they are written: "Mon-Fri,Sun ". */
static size_t
print_days(unsigned days, char *buf, size_t size)
{
	size_t used = 0;
	unsigned bits = days | days << DAYS_PER_WEEK;

	for (unsigned day = 0; day < DAYS_PER_WEEK; day++) {
		unsigned last = day;

		if ((bits >> day & 1) == 0 ||
		    (bits >> (day + DAYS_PER_WEEK - 1) & 1) != 0)
			continue;
		while ((bits >> (last + 1) & 1) != 0)
			last++;
		used += (size_t)snprintf(buf + used, size - used, "%s%s%s%s",
		    used > 0 ? "," : "", names[day], last > day ? "-" : "",
		    last > day ? names[last % DAYS_PER_WEEK] : "");
	}
	return used + (size_t)snprintf(buf + used, size - used, " ");
}

char *
hours_print(const struct hours *hours, char *buf, size_t size)
{
	size_t used = 0;

	if (hours->days != ALL_DAYS)
		used = print_days(hours->days, buf, size);
	snprintf(buf + used, size - used, "%02u:%02u-%02u:%02u%s%s",
	    hours->from / MINUTES, hours->from % MINUTES, hours->to / MINUTES,
	    hours->to % MINUTES, hours->zone != NULL ? " " : "",
	    hours->zone != NULL ? hours->zone->name : "");
	return buf;
}

struct moment {
	unsigned day, minute; /* of the week, of the day */
};

static struct moment
moment_of(const struct zone *zone, time_t now)
{
	int64_t local = (int64_t)now + zone_offset(zone, now);

	return (struct moment){
		.day = (unsigned)((local / SECONDS_PER_DAY + EPOCH_DAY) %
		    DAYS_PER_WEEK),
		.minute = (unsigned)(local % SECONDS_PER_DAY / SECONDS)
	};
}

/* After midnight, it is the day before that counts. */
static bool
in_range(const struct hours *hours, const struct moment *now)
{
	unsigned before = (now->day + DAYS_PER_WEEK - 1) % DAYS_PER_WEEK;
	bool today = (hours->days >> now->day & 1) != 0;

	if (hours->from <= hours->to)
		return today && now->minute >= hours->from &&
		    now->minute <= hours->to;
	return (today && now->minute >= hours->from) ||
	    ((hours->days >> before & 1) != 0 && now->minute <= hours->to);
}

bool
hours_allow(const struct hours *list, size_t count, time_t now)
{
	for (size_t i = 0; i < count; i++) {
		struct moment moment = moment_of(list[i].zone, now);

		if (in_range(&list[i], &moment))
			return true;
	}
	return count == 0;
}

bool
hours_have_days(const struct hours *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].days != ALL_DAYS)
			return true;
	return false;
}

/* mktime(3) finds the time of a day that is the 32nd of a month. */
time_t
hours_time(const char *text, time_t now)
{
	unsigned day, minute;
	struct tm tm;
	const char *rest = take_day(text, &day);

	localtime_r(&now, &tm);
	if (rest == NULL)
		day = (unsigned)tm.tm_wday;
	else
		text = *rest == ',' ? rest + 1 : NULL;
	if (text == NULL || (text = take_time(text, &minute)) == NULL ||
	    *text != '\0' || minute >= MINUTES_PER_DAY)
		return -1;
	tm.tm_mday += (int)(day + DAYS_PER_WEEK - (unsigned)tm.tm_wday) %
	    DAYS_PER_WEEK;
	tm.tm_hour = (int)(minute / MINUTES);
	tm.tm_min = (int)(minute % MINUTES);
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return mktime(&tm);
}

char *
hours_print_time(time_t time, bool day, char *buf, size_t size)
{
	struct moment moment = moment_of(NULL, time);

	snprintf(buf, size, "%s%s%u:%02u", day ? names[moment.day] : "",
	    day ? " " : "", moment.minute / MINUTES, moment.minute % MINUTES);
	return buf;
}
