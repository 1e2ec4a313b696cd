/*
 * The services that run, found by id and gone through in the order of their
 * ids.  Knows where they are, and nothing of what becomes of them: live.h.
 */
#ifndef SUPERD_RUNNING_RUNNING_TREE_H
#define SUPERD_RUNNING_RUNNING_TREE_H

#include "superd/running/superd.h"

/* NULL: there is none. */
struct live *live_find(struct superd *, const char *id);
struct live *live_first(struct superd *);
struct live *live_next(struct live *);
/* One whose id is not in it yet; and one that is. */
void lives_insert(struct superd *, struct live *);
void lives_remove(struct superd *, struct live *);

#endif
