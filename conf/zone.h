/*
 * Time zones by their names, "Europe/Amsterdam": what tzfile(5) says of them
 * as a list of changes, which can be read where no file may be opened.
 */
#ifndef CONF_ZONE_H
#define CONF_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { ZONE_NAME_MAX = 47 };

struct zone_change {
	int64_t at;	/* seconds since 1970 */
	int64_t offset; /* from UTC since then, seconds, positive in the east */
};

struct zone {
	char name[ZONE_NAME_MAX + 1];
	size_t count;		      /* of changes, one at least */
	struct zone_change changes[]; /* in order, from 2020 to 2100 */
};

/* The zone of that name, the caller's to free; NULL if the system has none.
 * Not for threads: TZ is another for a moment. */
struct zone *zone_load(const char *name);
/* Its size in octets. */
size_t zone_size(const struct zone *);
/* Both NULL, or equal in all octets. */
bool zone_same(const struct zone *, const struct zone *);
/* Seconds from UTC at this time; of NULL, those of local time. */
int64_t zone_offset(const struct zone *, time_t);

#endif
