/*
 * Line buffer: splits a stream of bytes into lines of bounded length.  Pure;
 * knows neither descriptors nor logs.
 */
#ifndef SUPERD_BASE_LINEBUF_H
#define SUPERD_BASE_LINEBUF_H

#include <stdbool.h>
#include <stddef.h>

enum { LINES_LENGTH = 1000 };

struct linebuf { /* all zero: empty */
	char text[LINES_LENGTH];
	size_t used;
	bool cut; /* the line is too long; its rest is skipped */
};

/* text: length bytes, at least 1, not terminated and without the end of line.
 * cut: the line was longer than LINES_LENGTH. */
typedef void linebuf_fn(void *arg, const char *text, size_t length, bool cut);

/* Add length bytes of data and call fn for each line that they complete.  A
 * line ends with LF or CR LF; empty lines are left out. */
void linebuf_feed(struct linebuf *, const char *data, size_t length,
    linebuf_fn *, void *arg);
/* Pass an unfinished line, if there is one, to fn: the stream has ended. */
void linebuf_flush(struct linebuf *, linebuf_fn *, void *arg);
/* Is there an unfinished line? */
bool linebuf_pending(const struct linebuf *);

#endif
