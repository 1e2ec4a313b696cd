/* What becomes of each service: looked up by id in what is sorted. */
#include "conf/diff.h"

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"

struct index {
	struct by_id *list;
	size_t count;
};

/* Those that run, and which of them have found their new definition. */
struct olds {
	const struct old_service *list;
	size_t count;
	bool *matched;
};

/* Of several definitions with this id, may one be served? */
static bool
is_servable(const struct index *index, const char *id)
{
	size_t low = 0, high = index->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(index->list[middle].service->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < index->count &&
	     strcmp(index->list[low].service->id, id) == 0;
	     low++)
		if (!index->list[low].service->unservable)
			return true;
	return false;
}

static int
compare_id(const void *id, const void *running)
{
	return strcmp(id, ((const struct old_service *)running)->service->id);
}

/* The one with this id, unless it is matched; olds->count if there is none. */
static size_t
find_old(const struct olds *olds, const char *id)
{
	const struct old_service *found = olds->count == 0 ?
	    NULL :
	    bsearch(id, olds->list, olds->count, sizeof(*olds->list),
		compare_id);
	size_t i = found == NULL ? olds->count : (size_t)(found - olds->list);

	return i < olds->count && olds->matched[i] ? olds->count : i;
}

static void
add(struct diff *diff, enum diff_kind kind, const struct old_service *old,
    const struct service *new)
{
	struct diff_entry *entry = &diff->list[diff->count++];
	size_t *const counters[] = { &diff->kept, &diff->changed, &diff->added,
		&diff->dropped, &diff->stale };

	entry->kind = kind;
	entry->old = old != NULL ? old->service : NULL;
	entry->owner = old != NULL ? old->owner : NULL;
	entry->new = new;
	++*counters[kind];
}

static void
match(struct diff *diff, const struct olds *olds, const struct index *news,
    const struct service *new)
{
	size_t i = find_old(olds, new->id);
	const struct old_service *old = i < olds->count ? &olds->list[i] : NULL;

	/* a duplicate of one that is served is no stale entry */
	if (new->unservable && (old == NULL || is_servable(news, new->id)))
		return;
	if (old == NULL) {
		add(diff, DIFF_ADD, NULL, new);
		return;
	}
	olds->matched[i] = true;
	add(diff,
	    new->unservable ?
		DIFF_STALE :
		service_equal(old->service, new) ?
		DIFF_KEEP :
		DIFF_CHANGE,
	    old, new);
}

void
diff_make(struct diff *diff, const struct old_service *list, size_t count,
    const struct conf *new)
{
	struct olds olds = { list, count, xcalloc(count, sizeof(bool)) };
	struct index news;

	memset(diff, 0, sizeof(*diff));
	news.list = conf_by_id(new, 0, &news.count);
	diff->list = xcalloc(count + news.count, sizeof(*diff->list));
	for (size_t i = 0; i < new->count; i++)
		if (!new->services[i]->disabled)
			match(diff, &olds, &news, new->services[i]);
	for (size_t i = 0; i < count; i++)
		if (!olds.matched[i])
			add(diff, DIFF_DROP, &list[i], NULL);
	free(olds.matched);
	free(news.list);
}

void
diff_free(struct diff *diff)
{
	free(diff->list);
	memset(diff, 0, sizeof(*diff));
}
