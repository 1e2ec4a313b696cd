/*
 * The services that run, found by id and gone through in the order of their
 * ids.  Knows where they are, and nothing of what becomes of them: running.h.
 */
#ifndef SUPERD_RUNNING_RUNNING_TREE_H
#define SUPERD_RUNNING_RUNNING_TREE_H

#include "superd/running/superd.h"

/* NULL: there is none.  superd is const, and its services are not. */
struct running *running_find(const struct superd *, const char *id);
struct running *running_first(const struct superd *);
struct running *running_next(struct running *);
/* One whose id is not in it yet; and one that is. */
void running_tree_insert(struct superd *, struct running *);
void running_tree_remove(struct superd *, struct running *);

#endif
