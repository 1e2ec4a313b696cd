/*
 * Lines: a stream of bytes cut into lines of bounded length.  Pure; knows
 * neither descriptors nor logs.
 */
#ifndef SUPERD_BASE_LINEBUF_H
#define SUPERD_BASE_LINEBUF_H

#include <stdbool.h>
#include <stddef.h>

enum { LINES_LENGTH = 1000 };

struct linebuf { /* all zero: nothing came yet */
	char text[LINES_LENGTH];
	size_t used;
	bool cut; /* the line is too long; its rest is skipped */
};

/* text is not terminated, without its end of line, and not empty */
typedef void linebuf_fn(void *arg, const char *text, size_t length, bool cut);

/* Call fn for each line that data, length bytes, completes.  A line ends
 * with LF, or CR LF; empty ones are left out. */
void linebuf_feed(struct linebuf *, const char *data, size_t length,
    linebuf_fn *, void *arg);
/* What came so far is a line. */
void linebuf_flush(struct linebuf *, linebuf_fn *, void *arg);
bool linebuf_pending(const struct linebuf *);

#endif
