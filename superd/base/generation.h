/*
 * Generations of the configuration: each load is one read-only mapping.  It
 * is freed when no running service has its definition in it and no starting
 * child still reads its command from it.
 */
#ifndef SUPERD_BASE_GENERATION_H
#define SUPERD_BASE_GENERATION_H

#include <bsd/sys/queue.h>

#include "conf/conf.h"
#include "conf/diff.h"
#include "superd/base/region.h"

struct generation;

TAILQ_HEAD(generations, generation);

/* Add a generation as the newest.  It takes over the region that holds a
 * conf and leaves an empty one.  0, or -1 if there is no memory; then nothing
 * has changed. */
int generation_add(struct generations *, struct region *);
/* Free every generation that is no longer needed.  Call after a reload, when
 * all services but the stale ones of the diff use the newest one. */
void generations_sweep(struct generations *, const struct diff *);
/* Keep the generation that contains these size bytes until
 * generation_leave(), even if no service needs it.  NULL: none does. */
struct generation *generation_use(struct generations *, const void *,
    size_t size);
void generation_leave(struct generation *); /* accepts NULL */
/* Free the newest one's second part (region.h), such as its reports. */
void generation_settled(struct generations *);
/* Free all of them; one that generation_use() keeps, when it is left. */
void generations_free(struct generations *);
/* Are these size bytes within one of them? */
bool generations_hold(const struct generations *, const void *, size_t size);
/* A constant conf without services, the state before the first load. */
const struct conf *generation_none(void);

#endif
