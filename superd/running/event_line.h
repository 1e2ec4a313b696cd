/*
 * The form of event lines: a word that names the event, the id of the service
 * or the title of the process, facts as KEY=VALUE, and a text.  A line knows
 * which of its parts is which, for the other forms of the log.
 */
#ifndef SUPERD_RUNNING_EVENT_LINE_H
#define SUPERD_RUNNING_EVENT_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/addr.h"

struct sink;

enum { EVENT_FACTS = 20 };

/* A part of a line's text, or of what only other forms have. */
struct event_fact {
	const char *key;
	const char *fmt; /* its value's, which tells numbers */
	size_t start, length;
	bool hidden;
};

/* A line under construction; what does not fit is cut off. */
struct event_line {
	const char *word, *id;
	const char *id_key; /* what the id is of; NULL: a service */
	size_t used, hidden_used;
	size_t message; /* where the text behind the facts starts; 0: none */
	unsigned count;
	struct event_fact facts[EVENT_FACTS];
	char text[2048];
	char hidden[512];
};

/* Start with "WORD ID", or "WORD" if id is NULL.  Both are kept, not copied;
 * the word is one of event_words.h. */
void event_begin(struct event_line *, const char *word, const char *id);
/* The same about a process with this title. */
void event_begin_process(struct event_line *, const char *word,
    const char *title);
/* Append " KEY=VALUE", the value by printf(3). */
void event_fact(struct event_line *, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Append " SHOWN=VALUE", which other forms know by another key. */
void event_fact_as(struct event_line *, const char *shown, const char *key,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Append " VALUE". */
void event_value(struct event_line *, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Add a fact that stands in other forms only: where log_structured(). */
void event_hidden(struct event_line *, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Append " peer=ADDRESS"; "-" if it is NULL or of length 0. */
void event_peer(struct event_line *, const struct addr *);
/* Append text that no other form has: a unit, or what is a hidden fact. */
void event_unit(struct event_line *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append " TEXT"; no fact follows. */
void event_add(struct event_line *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append ": TEXT"; no fact follows. */
void event_say(struct event_line *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append ": " and strerror(error), or nothing for 0. */
void event_error(struct event_line *, int error);
/* Write the line to a log (NULL: superd's own) with a priority of syslog(3). */
void event_end(const struct event_line *, struct sink *, int priority);
/* Only show it to who follows, with LOG_INFO. */
void event_end_unlogged(const struct event_line *);

#endif
