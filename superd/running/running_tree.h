/* The tree of running services, sorted by id. */
#ifndef SUPERD_RUNNING_RUNNING_TREE_H
#define SUPERD_RUNNING_RUNNING_TREE_H

#include "superd/running/superd.h"

/* The service of this id, or NULL. */
struct running *running_find(const struct superd *, const char *id);
/* The first service in the order of ids, and the one after another; NULL: there
 * is none. */
struct running *running_first(const struct superd *);
struct running *running_next(struct running *);
/* Add a service whose id is not in the tree. */
void running_tree_insert(struct superd *, struct running *);
/* Remove a service from the tree; it is not freed. */
void running_tree_remove(struct superd *, struct running *);

#endif
