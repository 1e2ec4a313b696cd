/*
 * A region: addresses that are reserved before a fork, so that what the child
 * builds there can be mapped by the parent at the same place, pointers and
 * all.  The memory is a sealed memfd_create(2): once it is mapped here, nobody
 * can change it any more.  (Where there may be no such file, it is memory
 * that is shared with the child alone.)
 *
 * It has two parts: what stays, which is read only; and behind it what is
 * looked at once, which the parent may write to.
 */
#ifndef SUPERD_BASE_REGION_H
#define SUPERD_BASE_REGION_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/arena.h"

struct region {
	char *base;	/* NULL: nothing is reserved */
	size_t size;	/* bytes of addresses that are ours */
	size_t lasting; /* ... of the part that stays, once mapped */
	int fd;		/* of the memory; -1: none, or closed */
};

/* Reserve about size bytes, or fewer where addresses are scarce.  -1 with
 * errno: not even a few megabytes can be had. */
int region_reserve(struct region *, size_t size);

/* In the child: all of it as an arena, to be written to. */
int region_write(struct region *, struct arena *);
/* What follows in the arena belongs to the second part. */
size_t region_lasting_ends(struct arena *);
/* Unmap it and seal length bytes.  -1 with errno. */
int region_seal(struct region *, size_t length);

/* In the parent: size bytes from its start. */
int region_peek(const struct region *, void *bytes, size_t size);
/* Map what the child sealed, and give back other addresses.  lasting: as
 * region_lasting_ends() said there.  -1 with errno; EPROTO if it is not
 * sealed, or not as long. */
int region_map(struct region *, size_t lasting, size_t length);
/* Give up the second part. */
void region_trim(struct region *);
/* Is size bytes at this address within the lasting part? */
bool region_holds(const struct region *, const void *, size_t size);
void region_free(struct region *);

#endif
