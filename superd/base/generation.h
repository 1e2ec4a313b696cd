/*
 * Generations of the configuration: each is one read-only mapping, which goes
 * when no service that runs has its definition in it any more, and no child
 * reads what it is to become.
 */
#ifndef SUPERD_BASE_GENERATION_H
#define SUPERD_BASE_GENERATION_H

#include <bsd/sys/queue.h>

#include "conf/conf.h"
#include "conf/diff.h"
#include "superd/base/region.h"

struct generation;

TAILQ_HEAD(generations, generation);

/* A new one, which takes over the region that a conf is in, and leaves an
 * empty one.  -1: no memory, and nothing was done. */
int generation_add(struct generations *, struct region *);
/* Free those that nothing refers to, once every service has its definition
 * from the newest one, but for the stale ones of a diff. */
void generations_sweep(struct generations *, const struct diff *);
/* What is at this address is needed until generation_leave(), whatever becomes
 * of the services.  NULL: it is in none of them. */
struct generation *generation_use(struct generations *, const void *,
    size_t size);
void generation_leave(struct generation *); /* accepts NULL */
/* What came with the newest one is not looked at any more. */
void generation_settled(struct generations *);
/* All of them, but for what children still read. */
void generations_free(struct generations *);
/* Is what is at this address within one of them? */
bool generations_hold(const struct generations *, const void *, size_t size);
/* A conf without services, from which the first load starts. */
const struct conf *generation_none(void);

#endif
