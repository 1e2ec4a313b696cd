/*
 * Counters per client (addr.h) and service, bounded in memory: however many
 * addresses a flood makes up, max entries without children are kept, those
 * that were used last.  Entries with children stay, and are as many as there
 * are children at most.
 */
#ifndef SUPERD_RUNNING_SOURCES_H
#define SUPERD_RUNNING_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"
#include "superd/base/bucket.h"

enum { SOURCES_MAX = 65536 };

struct line;
struct sources;

struct source_entry {
	struct prefix client;
	struct bucket starts;  /* limits.source_rate */
	struct bucket answers; /* datagram answers */
	unsigned children;     /* the entry stays while there are any */
	struct line *line;     /* ... or connections wait: waiters.c */
};

struct sources *sources_new(size_t max);
void sources_free(struct sources *);
/*
 * The entry of a client for a service; owner is any pointer that names it,
 * NULL for all together.  Makes it if there is none.  NULL: no memory.  The
 * result is valid until the next call, or for as long as it has children.
 */
struct source_entry *sources_get(struct sources *, const void *owner,
    const struct prefix *client);
/* The entry as it is, or NULL: nothing is made, or counts as used. */
const struct source_entry *sources_find(struct sources *, const void *owner,
    const struct prefix *client);
/* The entry of an owner with most children; NULL: none has any.  Looks at
 * all of the owner. */
const struct source_entry *sources_most(struct sources *, const void *owner);
/* One more child, and one less, which may be the entry's end. */
void sources_take(struct sources *, struct source_entry *);
void sources_give_back(struct sources *, struct source_entry *);
/* The same for a line of waiting connections; NULL: it is over. */
void sources_set_line(struct sources *, struct source_entry *, struct line *);
/* An owner that goes away takes its entries with it, which have no children
 * any more. */
void sources_drop_owner(struct sources *, const void *owner);
size_t sources_count(const struct sources *);

#endif
