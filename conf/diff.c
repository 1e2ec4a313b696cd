/* What becomes of each service: two sorted indexes, merged by id. */
#include "conf/diff.h"

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"

struct item {
	const struct service *service;
	size_t position;
	bool matched;
};

struct index {
	struct item *list;
	size_t count;
};

static int
compare_items(const void *a, const void *b)
{
	const struct item *ia = a, *ib = b;
	int order = strcmp(ia->service->id, ib->service->id);

	if (order != 0)
		return order;
	return (ia->position > ib->position) - (ia->position < ib->position);
}

static void
index_make(struct index *index, const struct conf *conf)
{
	index->list = xcalloc(conf->count, sizeof(*index->list));
	index->count = 0;
	for (size_t i = 0; i < conf->count; i++) {
		if (conf->services[i]->disabled)
			continue;
		index->list[index->count].service = conf->services[i];
		index->list[index->count++].position = i;
	}
	qsort(index->list, index->count, sizeof(*index->list),
	    compare_items);
}

/* The first of its id: ids are unique among those that can be served. */
static struct item *
index_find(const struct index *index, const char *id)
{
	size_t low = 0, high = index->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(index->list[middle].service->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->count ||
	    strcmp(index->list[low].service->id, id) != 0)
		return NULL;
	return &index->list[low];
}

/* Of several definitions with this id, one that can be served; the running
 * conf has no others. */
static struct item *
find_servable(const struct index *index, const char *id)
{
	struct item *item = index_find(index, id), *end;

	end = index->list + index->count;
	for (; item != NULL && item < end &&
	    strcmp(item->service->id, id) == 0; item++)
		if (!item->service->unservable)
			return item;
	return NULL;
}

static void
add(struct diff *diff, enum diff_kind kind, const struct service *old,
    const struct service *new)
{
	struct diff_entry *entry = &diff->list[diff->count++];
	size_t *const counters[] = { &diff->kept, &diff->changed,
		&diff->added, &diff->dropped, &diff->stale };

	entry->kind = kind;
	entry->old = old;
	entry->new = new;
	++*counters[kind];
}

static void
match(struct diff *diff, const struct index *olds, const struct index *news,
    const struct service *new)
{
	struct item *old = find_servable(olds, new->id);
	struct item *other = find_servable(news, new->id);

	if (new->unservable) {
		/* a duplicate of one that is served is no stale entry */
		if (old == NULL || old->matched || other != NULL)
			return;
		old->matched = true;
		add(diff, DIFF_STALE, old->service, new);
		return;
	}
	if (old == NULL || old->matched) {
		add(diff, DIFF_ADD, NULL, new);
		return;
	}
	old->matched = true;
	add(diff, service_equal(old->service, new) ? DIFF_KEEP : DIFF_CHANGE,
	    old->service, new);
}

void
diff_make(struct diff *diff, const struct conf *old, const struct conf *new)
{
	struct index olds, news;

	memset(diff, 0, sizeof(*diff));
	index_make(&olds, old);
	index_make(&news, new);
	diff->list = xcalloc(olds.count + news.count, sizeof(*diff->list));
	for (size_t i = 0; i < new->count; i++)
		if (!new->services[i]->disabled)
			match(diff, &olds, &news, new->services[i]);
	for (size_t i = 0; i < old->count; i++) {
		const struct service *service = old->services[i];
		struct item *item;

		if (service->disabled || service->unservable)
			continue;
		item = find_servable(&olds, service->id);
		if (!item->matched)
			add(diff, DIFF_DROP, service, NULL);
	}
	free(olds.list);
	free(news.list);
}

void
diff_free(struct diff *diff)
{
	free(diff->list);
	memset(diff, 0, sizeof(*diff));
}
