/*
 * Region: a range of addresses reserved before a fork, so that the parent can
 * map what the child builds there at the same addresses, pointers included.
 * The memory is a memfd_create(2) file that the child seals: once the parent
 * has mapped it, nobody can change it any more.  Where such a file cannot be
 * had, as under a low RLIMIT_FSIZE, it is anonymous memory shared with the
 * child.
 *
 * A region has two parts: a lasting one, mapped read-only, followed by one
 * that is needed only once, which the parent may write to and then frees.
 */
#ifndef SUPERD_BASE_REGION_H
#define SUPERD_BASE_REGION_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/arena.h"

struct region {
	char *base;	/* NULL: nothing is reserved */
	size_t size;	/* bytes reserved */
	size_t lasting; /* bytes of the lasting part, once mapped */
	int fd;		/* the memfd; -1: none, or closed */
};

/* Reserve size bytes of addresses, or fewer if RLIMIT_AS is low or addresses
 * are scarce.  0, or -1 with errno if not even 4 MiB can be had. */
int region_reserve(struct region *, size_t size);

/* In the child: make the whole region writable, as an arena.  0, or -1 with
 * errno. */
int region_write(struct region *, struct arena *);
/* End the lasting part: align the arena to a page.  Returns the part's size in
 * bytes, for region_map(). */
size_t region_lasting_ends(struct arena *);
/* Unmap the region, cut the memory to length bytes and seal it.  0, or -1 with
 * errno. */
int region_seal(struct region *, size_t length);

/* In the parent: copy the first size bytes before they are mapped.  0, or -1
 * with errno; EPROTO if there are fewer. */
int region_peek(const struct region *, void *bytes, size_t size);
/* Map the length bytes that the child has sealed, and release the addresses
 * behind them.  lasting: what region_lasting_ends() returned in the child.
 * 0, or -1 with errno; EPROTO if the memory is not sealed, not of this length,
 * or lasting is not possible. */
int region_map(struct region *, size_t lasting, size_t length);
/* Free the second part. */
void region_trim(struct region *);
/* Are these size bytes within the lasting part? */
bool region_holds(const struct region *, const void *, size_t size);
/* Unmap and close everything; harmless if nothing is reserved. */
void region_free(struct region *);

#endif
