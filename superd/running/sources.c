/*
 * A tree, so that nobody can choose addresses that are slow to find; and a
 * list of the entries without children, the longest unused first.
 */
#include "superd/running/sources.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>

#include "conf/xalloc.h"

struct node {
	struct source_entry entry; /* the first: it is what others have */
	const void *owner;
	RB_ENTRY(node) by_key;
	TAILQ_ENTRY(node) idle; /* while it has no children */
};

RB_HEAD(source_tree, node);
TAILQ_HEAD(nodes, node);

struct sources {
	struct source_tree tree;
	struct nodes idle; /* longest unused first */
	size_t count, nidle, max;
};

static int
compare(struct node *a, struct node *b)
{
	uintptr_t x = (uintptr_t)a->owner, y = (uintptr_t)b->owner;

	if (x != y)
		return x < y ? -1 : 1;
	return prefix_compare(&a->entry.client, &b->entry.client);
}

RB_PROTOTYPE(source_tree, node, by_key, compare)
RB_GENERATE(source_tree, node, by_key, compare)

static struct node *
node_of(struct source_entry *entry)
{
	return (struct node *)entry;
}

static bool
is_idle(const struct source_entry *entry)
{
	return entry->children == 0 && entry->line == NULL;
}

struct sources *
sources_new(size_t max)
{
	struct sources *sources = xcalloc(1, sizeof(*sources));

	sources->max = max;
	RB_INIT(&sources->tree);
	TAILQ_INIT(&sources->idle);
	return sources;
}

static void
rest(struct sources *sources, struct node *node)
{
	TAILQ_INSERT_TAIL(&sources->idle, node, idle);
	sources->nidle++;
}

static void
wake(struct sources *sources, struct node *node)
{
	TAILQ_REMOVE(&sources->idle, node, idle);
	sources->nidle--;
}

static void
drop(struct sources *sources, struct node *node)
{
	RB_REMOVE(source_tree, &sources->tree, node);
	sources->count--;
	if (is_idle(&node->entry))
		wake(sources, node);
	free(node);
}

void
sources_free(struct sources *sources)
{
	struct node *node;

	if (sources == NULL)
		return;
	while ((node = RB_ROOT(&sources->tree)) != NULL)
		drop(sources, node);
	free(sources);
}

static struct node *
find(struct sources *sources, const void *owner, const struct prefix *client)
{
	struct node key;

	key.owner = owner;
	key.entry.client = *client;
	return RB_FIND(source_tree, &sources->tree, &key);
}

static struct node *
add(struct sources *sources, const void *owner, const struct prefix *client)
{
	struct node *node;

	if (sources->nidle >= sources->max)
		drop(sources, TAILQ_FIRST(&sources->idle));
	node = calloc(1, sizeof(*node));
	if (node == NULL)
		return NULL;
	node->owner = owner;
	node->entry.client = *client;
	RB_INSERT(source_tree, &sources->tree, node);
	sources->count++;
	rest(sources, node);
	return node;
}

struct source_entry *
sources_get(struct sources *sources, const void *owner,
    const struct prefix *client)
{
	struct node *node = find(sources, owner, client);

	if (node == NULL)
		node = add(sources, owner, client);
	else if (is_idle(&node->entry)) {
		wake(sources, node);
		rest(sources, node);
	}
	return node == NULL ? NULL : &node->entry;
}

const struct source_entry *
sources_find(struct sources *sources, const void *owner,
    const struct prefix *client)
{
	const struct node *node = find(sources, owner, client);

	return node == NULL ? NULL : &node->entry;
}

/* Without children it may be forgotten, and is at once if there is nothing
 * to remember. */
static void
settle(struct sources *sources, struct source_entry *entry)
{
	rest(sources, node_of(entry));
	if (entry->starts.full_at == 0 && entry->answers.full_at == 0)
		drop(sources, node_of(entry));
	else if (sources->nidle > sources->max)
		drop(sources, TAILQ_FIRST(&sources->idle));
}

void
sources_take(struct sources *sources, struct source_entry *entry)
{
	if (is_idle(entry))
		wake(sources, node_of(entry));
	entry->children++;
}

void
sources_give_back(struct sources *sources, struct source_entry *entry)
{
	entry->children--;
	if (is_idle(entry))
		settle(sources, entry);
}

void
sources_set_line(struct sources *sources, struct source_entry *entry,
    struct line *line)
{
	bool was_idle = is_idle(entry);

	entry->line = line;
	if (was_idle && !is_idle(entry))
		wake(sources, node_of(entry));
	else if (!was_idle && is_idle(entry))
		settle(sources, entry);
}

static struct node *
first_of(struct sources *sources, const void *owner)
{
	struct node key;

	memset(&key.entry.client, 0, sizeof(key.entry.client));
	key.owner = owner;
	return RB_NFIND(source_tree, &sources->tree, &key);
}

const struct source_entry *
sources_most(struct sources *sources, const void *owner)
{
	const struct source_entry *most = NULL;
	struct node *node;

	for (node = first_of(sources, owner);
	     node != NULL && node->owner == owner;
	     node = RB_NEXT(source_tree, &sources->tree, node))
		if (node->entry.children > (most == NULL ? 0 : most->children))
			most = &node->entry;
	return most;
}

void
sources_drop_owner(struct sources *sources, const void *owner)
{
	struct node *node, *next;

	for (node = first_of(sources, owner);
	     node != NULL && node->owner == owner; node = next) {
		next = RB_NEXT(source_tree, &sources->tree, node);
		drop(sources, node);
	}
}

size_t
sources_count(const struct sources *sources)
{
	return sources->count;
}
