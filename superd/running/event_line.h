/*
 * How a line of the log is put together: a word that says what has happened,
 * the id of the service or process that it has happened to, facts, and what
 * there is to say in words.  Whoever wants lines of another form has it here
 * in one place.
 */
#ifndef SUPERD_RUNNING_EVENT_LINE_H
#define SUPERD_RUNNING_EVENT_LINE_H

#include <stddef.h>

#include "conf/addr.h"

struct sink;

/* What does not fit is cut off. */
struct event_line {
	size_t used;
	char text[2048];
};

/* "WORD ID"; id NULL: it is superd that something happens to. */
void event_begin(struct event_line *, const char *word, const char *id);
/* " KEY=VALUE" */
void event_fact(struct event_line *, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* " peer=ADDRESS", "-" for one of length 0 or NULL */
void event_peer(struct event_line *, const struct addr *);
/* As it is. */
void event_add(struct event_line *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* ": TEXT" */
void event_say(struct event_line *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same with strerror(error); nothing for 0. */
void event_error(struct event_line *, int error);
/* It goes to this log (NULL: superd's own), with a priority of syslog(3). */
void event_end(const struct event_line *, struct sink *, int priority);

#endif
