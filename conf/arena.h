/*
 * An arena allocates from one piece of memory, front to back, and frees
 * nothing.  It is meant for data that is not changed later, so that equal
 * contents can share memory: arena_share().
 */
#ifndef CONF_ARENA_H
#define CONF_ARENA_H

#include <stddef.h>

struct share;

struct arena {
	char *base;
	size_t size, used;    /* bytes */
	struct share *shares; /* what arena_share() has stored: a hash */
	size_t nshares, room;
};

/* Use memory of size bytes, zeroed, aligned for any type, the caller's. */
void arena_init(struct arena *, void *memory, size_t size);
/* Free the hash of shared contents; the memory is left as it is. */
void arena_done(struct arena *);
/* Allocate size zero bytes, aligned for any type.  If the arena is full, ends
 * the process as xalloc.h does. */
void *arena_take(struct arena *, size_t size) __attribute__((returns_nonnull));
/* A copy of size bytes, which may be shared and must not be changed.  NULL if
 * size is 0. */
void *arena_share(struct arena *, const void *bytes, size_t size);
/* The same for a string; NULL for NULL. */
char *arena_text(struct arena *, const char *text);
/* Align the next allocation to a power of two. */
void arena_align(struct arena *, size_t);

#endif
