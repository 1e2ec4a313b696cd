/* Time zones, asked for by TZ: localtime(3) reads their files. */
#include "conf/zone.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"

/* Between these, changes are looked for: week by week, since no two have come
 * closer.  The list is the same on every day of the year. */
#define FIRST ((time_t)1577836800) /* 2020-01-01 */
#define LAST  ((time_t)4102444800) /* 2100-01-01 */
enum { WEEK = 7 * 24 * 60 * 60 };

static int64_t
local_offset(time_t time)
{
	struct tm tm;

	return localtime_r(&time, &tm) != NULL ? tm.tm_gmtoff : 0;
}

/* The first second between low and high that has the offset of high. */
static time_t
find_change(time_t low, time_t high)
{
	int64_t offset = local_offset(high);

	while (high - low > 1) {
		time_t middle = low + (high - low) / 2;

		if (local_offset(middle) == offset)
			high = middle;
		else
			low = middle;
	}
	return high;
}

static struct zone *
add_change(struct zone *zone, time_t at)
{
	zone = xreallocarray(zone, 1,
	    zone_size(zone) + sizeof(zone->changes[0]));
	zone->changes[zone->count].at = at;
	zone->changes[zone->count].offset = local_offset(at);
	zone->count++;
	return zone;
}

static struct zone *
list_changes(struct zone *zone)
{
	zone = add_change(zone, FIRST);
	for (time_t at = FIRST; at < LAST; at += WEEK)
		if (local_offset(at) != local_offset(at + WEEK))
			zone = add_change(zone, find_change(at, at + WEEK));
	return zone;
}

/* localtime(3) takes a name without a file of tzfile(5) for UTC. */
static bool
have_file(const char *name)
{
	const char *folder = getenv("TZDIR");
	char *path = xasprintf("%s/%s",
	    folder != NULL ? folder : "/usr/share/zoneinfo", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char magic[4] = "";
	bool have = fd != -1 && read(fd, magic, sizeof(magic)) == 4 &&
	    memcmp(magic, "TZif", sizeof(magic)) == 0;

	if (fd != -1)
		close(fd);
	free(path);
	return have || strcmp(name, "UTC") == 0;
}

/* "Area/Place", "Etc/GMT+1": nothing that leaves the folder of zones. */
static bool
is_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > ZONE_NAME_MAX ||
	    !isalpha((unsigned char)name[0]) || name[length - 1] == '/')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    strchr("/_+-", name[i]) == NULL)
			return false;
	return true;
}

static void
set_zone(const char *text)
{
	if (text == NULL)
		unsetenv("TZ");
	else
		setenv("TZ", text, 1);
	tzset();
}

struct zone *
zone_load(const char *name)
{
	const char *now = getenv("TZ");
	char *before, *text;
	struct zone *zone;

	if (!is_name(name) || !have_file(name))
		return NULL;
	before = now != NULL ? xstrdup(now) : NULL;
	text = xasprintf(":%s", name);
	zone = xcalloc(1, sizeof(*zone));
	memcpy(zone->name, name, strlen(name));
	set_zone(text);
	zone = list_changes(zone);
	set_zone(before);
	free(text);
	free(before);
	return zone;
}

size_t
zone_size(const struct zone *zone)
{
	return sizeof(*zone) + zone->count * sizeof(zone->changes[0]);
}

bool
zone_same(const struct zone *a, const struct zone *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return zone_size(a) == zone_size(b) && memcmp(a, b, zone_size(a)) == 0;
}

int64_t
zone_offset(const struct zone *zone, time_t time)
{
	size_t i = 1;

	if (zone == NULL)
		return local_offset(time);
	while (i < zone->count && zone->changes[i].at <= time)
		i++;
	return zone->changes[i - 1].offset;
}
