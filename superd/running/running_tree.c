/* The tree of services as they run, by id. */
#include "superd/running/running_tree.h"

#include <string.h>

static int
live_compare(struct live *a, struct live *b)
{
	return strcmp(a->id, b->id);
}

RB_PROTOTYPE(lives, live, by_id, live_compare)
RB_GENERATE(lives, live, by_id, live_compare)

struct live *
live_find(struct superd *superd, const char *id)
{
	struct live key;

	key.id = (char *)(uintptr_t)id; /* only compared */
	return RB_FIND(lives, &superd->lives, &key);
}

struct live *
live_first(struct superd *superd)
{
	return RB_MIN(lives, &superd->lives);
}

struct live *
live_next(struct live *live)
{
	return RB_NEXT(lives, NULL, live);
}

void
lives_insert(struct superd *superd, struct live *live)
{
	RB_INSERT(lives, &superd->lives, live);
}

void
lives_remove(struct superd *superd, struct live *live)
{
	RB_REMOVE(lives, &superd->lives, live);
}
