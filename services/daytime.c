/* RFC 867: the date and time as one line of ASCII; local time. */
#include "services/handlers.h"

#include <stdio.h>
#include <string.h>

/* Room for a line, also in the year 2147485547. */
enum { LINE = 40 };

static bool zone_is_kept;

void
handlers_keep_zone(void)
{
	zone_is_kept = true;
}

/* localtime_r() alone never sees a change of zone, and looking for one is a
 * system call. */
static void
look_at_zone(void)
{
	if (!zone_is_kept)
		tzset();
}

/* As asctime(3), in English whatever the locale. */
static int
format(char *buf, size_t size, time_t now)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL)
		return 0;
	return snprintf(buf, size, "%s %s %2d %02d:%02d:%02d %d\r\n",
	    days[tm.tm_wday], months[tm.tm_mon], tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, 1900 + tm.tm_year);
}

/* All clients of one second get the same line, which is made once. */
static size_t
line(char *buf, size_t size, time_t now)
{
	static char made[LINE];
	static int length;
	static time_t when = (time_t)-1;

	if (now != when) {
		look_at_zone();
		length = format(made, sizeof(made), now);
		when = now;
	}
	if (length < 0 || length >= LINE || (size_t)length > size)
		return 0;
	memcpy(buf, made, (size_t)length);
	return (size_t)length;
}

size_t
daytime_answer(char *buf, size_t size, time_t now)
{
	return line(buf, size, now);
}

ssize_t
daytime_datagram(char *buf, size_t length, size_t size, time_t now)
{
	(void)length;
	return (ssize_t)line(buf, size, now);
}
