/*
 * Times of the week: "[DAYS] H:MM-H:MM [ZONE]" parsed, printed, matched.
 * Days are English names of three letters, alone, in ranges or with commas
 * between: "Mon-Fri", "sat,sun".  Of a range across midnight they are the days
 * on which it begins.
 */
#ifndef CONF_HOURS_H
#define CONF_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "conf/conf.h"

enum { HOURS_TEXT = 96 }; /* octets for hours_print() */

/* Parse a range.  0, or -1 if text is none; then *zone is NULL, or the name
 * that is no time zone here: a part of text.  24:00 is the end of the day;
 * from may be greater than to, for ranges across midnight.  Its zone is the
 * caller's to free. */
int hours_parse(const char *text, struct hours *, const char **zone);
char *hours_print(const struct hours *, char *buf, size_t);
/* Is this time in one of the ranges?  An empty list has all times. */
bool hours_allow(const struct hours *, size_t count, time_t);

/* "[DAY,]H:MM" of local time, today or on the next such day from now on: its
 * time.  -1 if text is none. */
time_t hours_time(const char *text, time_t now);
/* Print the day, if wanted, and the time: "Mon 8:05". */
char *hours_print_time(time_t, bool day, char *buf, size_t);
/* Does one of the ranges depend on the day? */
bool hours_have_days(const struct hours *, size_t count);

#endif
