/* The mappings of configurations, newest first. */
#include "superd/base/generation.h"

#include <stdlib.h>

#include "conf/load.h"

struct generation {
	TAILQ_ENTRY(generation) entry;
	struct generations *all;
	struct region region;
	size_t users; /* stale services, during a sweep */
	size_t uses;  /* see generation_use() */
	bool retired; /* to be freed with the last use */
};

static const struct conf none = {
	.globals = { .load_timeout = LOAD_TIMEOUT,
	    .stop_timeout = LIMIT_UNSET,
	    .control_group = { .gid = (gid_t)-1 },
	    .control_admin = { .gid = (gid_t)-1 },
	    .log = { .kind = LOG_TO_DEFAULT } }
};

const struct conf *
generation_none(void)
{
	return &none;
}

int
generation_add(struct generations *all, struct region *region)
{
	struct generation *generation = malloc(sizeof(*generation));

	if (generation == NULL)
		return -1;
	generation->region = *region;
	*region = (struct region){ .fd = -1 };
	generation->all = all;
	generation->users = generation->uses = 0;
	generation->retired = false;
	TAILQ_INSERT_HEAD(all, generation, entry);
	return 0;
}

static void
generation_free(struct generation *generation)
{
	TAILQ_REMOVE(generation->all, generation, entry);
	region_free(&generation->region);
	free(generation);
}

static struct generation *
generation_of(const struct generations *all, const void *at, size_t size)
{
	struct generation *generation;

	TAILQ_FOREACH (generation, all, entry)
		if (region_holds(&generation->region, at, size))
			break;
	return generation;
}

bool
generations_hold(const struct generations *all, const void *at, size_t size)
{
	return generation_of(all, at, size) != NULL;
}

struct generation *
generation_use(struct generations *all, const void *at, size_t size)
{
	struct generation *generation = generation_of(all, at, size);

	if (generation != NULL)
		generation->uses++;
	return generation;
}

void
generation_leave(struct generation *generation)
{
	if (generation == NULL || --generation->uses > 0)
		return;
	if (generation->retired)
		generation_free(generation);
}

/* Free it, now or when no child reads it any more. */
static void
retire(struct generation *generation)
{
	generation->retired = true;
	if (generation->uses == 0)
		generation_free(generation);
}

static void
count_users(const struct generations *all, const struct diff *diff)
{
	struct generation *generation;

	TAILQ_FOREACH (generation, all, entry)
		generation->users = 0;
	for (size_t i = 0; diff->stale > 0 && i < diff->count; i++) {
		const struct diff_entry *entry = &diff->list[i];

		generation = entry->kind != DIFF_STALE ?
		    NULL :
		    generation_of(all, entry->old, sizeof(*entry->old));
		if (generation != NULL)
			generation->users++;
	}
}

void
generations_sweep(struct generations *all, const struct diff *diff)
{
	struct generation *generation, *next;

	count_users(all, diff);
	generation = TAILQ_FIRST(all);
	for (; generation != NULL; generation = next) {
		next = TAILQ_NEXT(generation, entry);
		if (generation->users == 0 && generation != TAILQ_FIRST(all))
			retire(generation);
	}
}

void
generation_settled(struct generations *all)
{
	region_trim(&TAILQ_FIRST(all)->region);
}

void
generations_free(struct generations *all)
{
	struct generation *generation, *next;

	generation = TAILQ_FIRST(all);
	for (; generation != NULL; generation = next) {
		next = TAILQ_NEXT(generation, entry);
		retire(generation);
	}
}
