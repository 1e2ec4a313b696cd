/*
 * Records of the log: a line as people read it and, if it is about an event,
 * its parts, which other forms of the line are made of.
 */
#ifndef SUPERD_LOG_RECORD_H
#define SUPERD_LOG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "conf/conf.h"

/* The size of a record: below PIPE_BUF, so that a pipe takes it whole. */
enum { RECORD_MAX = 2048 };

struct record_fact {
	const char *key;
	const char *value; /* not terminated */
	size_t length;
	bool number; /* as JSON has them */
};

struct record_event {
	const char *name;
	const char *message_id; /* of the journal, 32 hexadecimal digits */
	const char *id;		/* of the service, or NULL */
	const struct record_fact *facts;
	size_t count;
	const char *message; /* the rest in words, or "" */
};

struct record {
	int priority;			  /* of syslog(3) */
	const char *text;		  /* the whole line */
	const struct record_event *event; /* NULL: it is about none, or
					   * nobody wants the parts */
};

/* What became of one record. */
enum log_result {
	LOG_WRITTEN,
	LOG_DROPPED, /* the reader has no room for it now */
	LOG_NOBODY   /* there is no reader */
};

/* "debug", "info", "warning" or "error"; in between, the more urgent one. */
const char *record_level(int priority);
/* LOG_DEBUG and so on; -1: it is none of these words. */
int record_priority(const char *level);

enum { RECORD_TIME = 32 };

/* Write a time as "2026-11-26T10:00:00.125Z", RFC 3339.  Returns buf. */
char *record_time(const struct timespec *, char buf[RECORD_TIME]);

/*
 * Write one line of the log, without a newline, in printable ASCII: what is
 * text as log_printable() does, logfmt, or a JSON object (RFC 8259).  dated:
 * logfmt and JSON begin with the time (RFC 3339) and the level.  What is not
 * UTF-8 is written as in superd/base/text.h.  Text that does not fit in size
 * bytes, at least 512, is cut and ends with "...", and a fact that does not
 * fit is left out; the line is well formed in any case.  Returns its length.
 * Allocates nothing.
 */
size_t record_print(const struct record *, enum log_format, bool dated,
    char *buf, size_t size);

#endif
