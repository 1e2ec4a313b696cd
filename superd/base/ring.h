/*
 * A ring of octets in memory that two processes share: one writes and the
 * other one reads, without a system call.  The reader believes nothing of
 * what the writer says.
 */
#ifndef SUPERD_BASE_RING_H
#define SUPERD_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

enum { RING_SIZE = 64 * 1024 };

struct ring;

/* Shared with what is forked later.  NULL with errno. */
struct ring *ring_new(void);
void ring_free(struct ring *); /* accepts NULL */
/* Write all of both, or nothing: there is no room now. */
bool ring_put(struct ring *, const void *, size_t, const void *, size_t);
/* Octets that can be read.  -1: more than there may be, and so nonsense. */
long ring_filled(const struct ring *);
/* Read so many, which are there. */
void ring_get(struct ring *, void *, size_t);

#endif
