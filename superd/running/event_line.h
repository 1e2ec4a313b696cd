/*
 * The form of event lines: a word that names the event, the id of the service
 * or the title of the process, facts as KEY=VALUE, and a text.  Another format
 * of the log would be written here.
 */
#ifndef SUPERD_RUNNING_EVENT_LINE_H
#define SUPERD_RUNNING_EVENT_LINE_H

#include <stddef.h>

#include "conf/addr.h"

struct sink;

/* A line under construction; what does not fit is cut off. */
struct event_line {
	size_t used;
	char text[2048];
};

/* Start with "WORD ID", or "WORD" if id is NULL. */
void event_begin(struct event_line *, const char *word, const char *id);
/* Append " KEY=VALUE", the value by printf(3). */
void event_fact(struct event_line *, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Append " peer=ADDRESS"; "-" if it is NULL or of length 0. */
void event_peer(struct event_line *, const struct addr *);
/* Append text by printf(3), as it is. */
void event_add(struct event_line *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append ": TEXT". */
void event_say(struct event_line *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append ": " and strerror(error), or nothing for 0. */
void event_error(struct event_line *, int error);
/* Write the line to a log (NULL: superd's own) with a priority of syslog(3). */
void event_end(const struct event_line *, struct sink *, int priority);

#endif
