/*
 * Counters per source address and service, bounded in memory: however many
 * addresses a flood makes up, the table keeps SOURCES_MAX entries, and gives
 * up those first that hold nothing and were used longest ago.
 */
#ifndef SUPERD_SOURCES_H
#define SUPERD_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"
#include "superd/bucket.h"

enum { SOURCES_MAX = 65536 };

struct sources;

struct source_entry {
	struct bucket starts;	/* limits.source_rate */
	struct bucket answers;	/* datagram answers */
	unsigned children;	/* the entry stays while there are any */
};

struct sources *sources_new(size_t max);
void	sources_free(struct sources *);
/*
 * The entry of an address (port ignored) for a service; owner is any pointer
 * that names it, NULL for all together.  Makes it if there is none.  NULL:
 * no memory, or max entries that all hold children.  The result is valid
 * until the next call.
 */
struct source_entry *sources_get(struct sources *, const void *owner,
	    const struct addr *);
/* The same, NULL if there is none. */
struct source_entry *sources_find(const struct sources *, const void *owner,
	    const struct addr *);
/* An owner that goes away takes its entries with it. */
void	sources_drop_owner(struct sources *, const void *owner);
size_t	sources_count(const struct sources *);

#endif
