/*
 * Ring: a buffer of octets in memory shared by two processes, one of which
 * writes while the other reads, without system calls.  The reader does not
 * trust the writer.
 */
#ifndef SUPERD_BASE_RING_H
#define SUPERD_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

enum { RING_SIZE = 64 * 1024 };

struct ring;

/* Make a ring, to be shared with a process forked afterwards; each process
 * frees its own.  NULL with errno. */
struct ring *ring_new(void);
void ring_free(struct ring *); /* accepts NULL */
/* Write a head and a body (which may be empty), both whole.  False: there is
 * no room for them now, and nothing was written. */
bool ring_put(struct ring *, const void *, size_t, const void *, size_t);
/* The number of octets that can be read; -1 if the writer claims more than
 * RING_SIZE, which only a broken one does. */
long ring_filled(const struct ring *);
/* Read and remove this many octets, at most ring_filled(). */
void ring_get(struct ring *, void *, size_t);
/* The reader wants nothing new from now on.  What that means is between the
 * two: the writer is not kept from writing. */
void ring_close(struct ring *);
bool ring_closed(const struct ring *);

#endif
