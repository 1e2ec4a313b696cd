/* The tree of services as they run, by id. */
#include "superd/running/running_tree.h"

#include <string.h>

#include "superd/running/records.h"

static int
running_compare(struct running *a, struct running *b)
{
	return strcmp(a->id, b->id);
}

RB_PROTOTYPE(running_tree, running, by_id, running_compare)
RB_GENERATE(running_tree, running, by_id, running_compare)

struct running *
running_find(const struct superd *superd, const char *id)
{
	struct running_tree tree = superd->running_tree; /* its root */
	struct running key;

	key.id = id;
	return RB_FIND(running_tree, &tree, &key);
}

struct running *
running_first(const struct superd *superd)
{
	struct running_tree tree = superd->running_tree; /* its root */

	return RB_MIN(running_tree, &tree);
}

struct running *
running_next(struct running *running)
{
	return RB_NEXT(running_tree, NULL, running);
}

void
running_tree_insert(struct superd *superd, struct running *running)
{
	RB_INSERT(running_tree, &superd->running_tree, running);
}

void
running_tree_remove(struct superd *superd, struct running *running)
{
	RB_REMOVE(running_tree, &superd->running_tree, running);
}
