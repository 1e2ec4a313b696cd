/*
 * Counters for each client (conf/addr.h) of each service.  Memory is bounded,
 * however many addresses a flood makes up: of the entries without children,
 * only those used last are kept, max at most.
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
	unsigned children;     /* keep the entry while there are any, */
	struct line *line;     /* or while it has a line: line.h */
};

/* Make a table for max entries without children.  Never NULL. */
struct sources *sources_new(size_t max);
void sources_free(struct sources *); /* accepts NULL */
/*
 * The entry of a client of a service, made if there is none.  owner: any
 * pointer that identifies the service; NULL: all services.  Valid until the
 * next call, or while it has children or a line.  NULL: out of memory.
 */
struct source_entry *sources_get(struct sources *, const void *owner,
    const struct prefix *client);
/* The entry, or NULL if there is none; it does not count as used. */
const struct source_entry *sources_find(struct sources *, const void *owner,
    const struct prefix *client);
/* The entry of an owner with most children, or NULL if none has any.  Searches
 * all entries of the owner. */
const struct source_entry *sources_most(struct sources *, const void *owner);
/* Count one child more. */
void sources_take(struct sources *, struct source_entry *);
/* Count one child less; the entry may be freed. */
void sources_give_back(struct sources *, struct source_entry *);
/* Set the line of an entry; NULL: none any more, and the entry may be freed. */
void sources_set_line(struct sources *, struct source_entry *, struct line *);
/* Free all entries of an owner; none may have children. */
void sources_drop_owner(struct sources *, const void *owner);
/* The number of entries. */
size_t sources_count(const struct sources *);

#endif
