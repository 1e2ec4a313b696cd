/* Times of day: "H:MM-H:MM" parsed, printed, matched.  Pure. */
#ifndef CONF_HOURS_H
#define CONF_HOURS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* Parse a range.  0, or -1 if text is none.  24:00 is the end of the day; from
 * may be greater than to, for ranges across midnight. */
int hours_parse(const char *text, struct hours *);
char *hours_print(const struct hours *, char *buf, size_t);
/* Is this minute of the local day in one of the ranges?  An empty list has all
 * minutes. */
bool hours_allow(const struct hours *, size_t count, unsigned minute);

#endif
