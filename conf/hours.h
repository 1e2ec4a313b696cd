/* Times of day: "H:MM-H:MM" parsed, printed, matched.  Pure. */
#ifndef CONF_HOURS_H
#define CONF_HOURS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* -1 if text is no range; 24:00 is the end of the day.  from > to is
 * returned as it is: the caller knows whether its dialect allows it. */
int hours_parse(const char *text, struct hours *);
char *hours_print(const struct hours *, char *buf, size_t);
/* An empty list allows always. */
bool hours_allow(const struct hours *, size_t count, unsigned minute);

#endif
