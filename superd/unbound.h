/*
 * What a load says of sockets that cannot be bound: a report for each of
 * them, and one with their number for those that only a shortage has kept
 * from it, which are many at a time.
 */
#ifndef SUPERD_UNBOUND_H
#define SUPERD_UNBOUND_H

#include "conf/conf.h"

struct unbound {
	struct reports *reports;
	const struct service *first; /* of those below */
	size_t lacking;		     /* sockets that something lacks for */
	int error;		     /* ... and what */
};

/* then: what becomes of it, such as "retrying"; NULL: nothing. */
void unbound_add(struct unbound *, const struct service *,
    const struct endpoint *, int error, const char *then);
/* Report the shortage, if there was one. */
void unbound_end(struct unbound *, const char *then);

#endif
