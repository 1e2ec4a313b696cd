/*
 * An arena: memory of the caller's that is given out from the front and never
 * taken back.  What is written to it is meant to be read only afterwards, and
 * so equal contents may be one: arena_share() returns what is there already.
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

/* memory: size bytes, all zero, aligned for anything; stays the caller's. */
void arena_init(struct arena *, void *memory, size_t size);
/* Forget what is shared; the memory is left as it is. */
void arena_done(struct arena *);

/* size bytes of zeros, aligned for any type.  One that is full ends the
 * process as xalloc does. */
void *arena_take(struct arena *, size_t size) __attribute__((returns_nonnull));
/* A copy of size bytes, which nobody may write to any more; 0 bytes: NULL. */
void *arena_share(struct arena *, const void *bytes, size_t size);
/* The same for a text, which may be NULL. */
char *arena_text(struct arena *, const char *text);
/* Let what follows begin at a multiple of this power of two. */
void arena_align(struct arena *, size_t);

#endif
