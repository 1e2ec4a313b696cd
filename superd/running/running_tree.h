/*
 * The services that run, found by id and gone through in the order of their
 * ids.  Knows where they are, and nothing of what becomes of them: running.h.
 */
#ifndef SUPERD_RUNNING_RUNNING_TREE_H
#define SUPERD_RUNNING_RUNNING_TREE_H

#include "superd/running/superd.h"

/* NULL: there is none. */
struct running *running_find(struct superd *, const char *id);
struct running *running_first(struct superd *);
struct running *running_next(struct running *);
/* One whose id is not in it yet; and one that is. */
void running_tree_insert(struct superd *, struct running *);
void running_tree_remove(struct superd *, struct running *);

#endif
