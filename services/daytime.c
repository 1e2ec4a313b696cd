/* RFC 867: the date and time as one line of ASCII; local time. */
#include "services/handlers.h"

#include <stdio.h>

static bool zone_is_kept;

void
handlers_keep_zone(void)
{
	zone_is_kept = true;
}

/* localtime_r() alone never sees a change of zone, and looking for one is a
 * system call: once a second is enough. */
static void
look_at_zone(time_t now)
{
	static time_t looked = (time_t)-1;

	if (now != looked && !zone_is_kept)
		tzset();
	looked = now;
}

/* As asctime(3), in English whatever the locale. */
static size_t
format(char *buf, size_t size, time_t now)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;
	int n;

	look_at_zone(now);
	if (localtime_r(&now, &tm) == NULL)
		return 0;
	n = snprintf(buf, size, "%s %s %2d %02d:%02d:%02d %d\r\n",
	    days[tm.tm_wday], months[tm.tm_mon], tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, 1900 + tm.tm_year);
	return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}

size_t
daytime_answer(char *buf, size_t size, time_t now)
{
	return format(buf, size, now);
}

ssize_t
daytime_datagram(char *buf, size_t length, size_t size, time_t now)
{
	(void)length;
	return (ssize_t)format(buf, size, now);
}
