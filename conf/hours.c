/* Times of day. */
#include "conf/hours.h"

#include <stdio.h>
#include <string.h>

enum { HOURS_MAX = 24, MINUTES = 60 };

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

int
hours_parse(const char *text, struct hours *hours)
{
	text = take_time(text, &hours->from);
	if (text == NULL || *text != '-' || hours->from >= MINUTES_PER_DAY)
		return -1;
	text = take_time(text + 1, &hours->to);
	return text != NULL && *text == '\0' ? 0 : -1;
}

char *
hours_print(const struct hours *hours, char *buf, size_t size)
{
	snprintf(buf, size, "%02u:%02u-%02u:%02u", hours->from / MINUTES,
	    hours->from % MINUTES, hours->to / MINUTES, hours->to % MINUTES);
	return buf;
}

static bool
in_range(const struct hours *hours, unsigned minute)
{
	if (hours->from <= hours->to)
		return minute >= hours->from && minute <= hours->to;
	return minute >= hours->from || minute <= hours->to;
}

bool
hours_allow(const struct hours *list, size_t count, unsigned minute)
{
	for (size_t i = 0; i < count; i++)
		if (in_range(&list[i], minute))
			return true;
	return count == 0;
}
