/* A chained hash with an LRU list through all entries. */
#include "superd/sources.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/sys/queue.h>

#include "conf/xalloc.h"

struct node {
	struct source_entry entry;
	const void *owner;
	struct addr host;
	struct node *chain;
	TAILQ_ENTRY(node) lru;
};

TAILQ_HEAD(nodes, node);

struct sources {
	struct node **table;
	size_t room;		/* power of two */
	size_t count, max;
	struct nodes lru;	/* longest unused first */
};

enum { ROOM_FIRST = 64 };

struct sources *
sources_new(size_t max)
{
	struct sources *sources = xcalloc(1, sizeof(*sources));

	sources->max = max;
	sources->room = ROOM_FIRST;
	sources->table = xcalloc(sources->room, sizeof(struct node *));
	TAILQ_INIT(&sources->lru);
	return sources;
}

void
sources_free(struct sources *sources)
{
	struct node *node;

	if (sources == NULL)
		return;
	while ((node = TAILQ_FIRST(&sources->lru)) != NULL) {
		TAILQ_REMOVE(&sources->lru, node, lru);
		free(node);
	}
	free(sources->table);
	free(sources);
}

static void
host_of(const struct addr *addr, struct addr *host)
{
	*host = *addr;
	addr_unmap(host);
	addr_set_port(host, 0);
}

static size_t
slot_of(const struct sources *sources, const void *owner,
    const struct addr *host)
{
	uint64_t hash = addr_hash(host);

	hash ^= (uint64_t)(uintptr_t)owner >> 4;
	hash *= 0x9e3779b97f4a7c15u;
	return (size_t)(hash >> 32) & (sources->room - 1);
}

static struct node *
node_find(const struct sources *sources, const void *owner,
    const struct addr *host)
{
	struct node *node = sources->table[slot_of(sources, owner, host)];

	while (node != NULL && (node->owner != owner ||
	    !addr_equal(&node->host, host)))
		node = node->chain;
	return node;
}

static void
chain_in(struct sources *sources, struct node *node)
{
	size_t slot = slot_of(sources, node->owner, &node->host);

	node->chain = sources->table[slot];
	sources->table[slot] = node;
}

static void
grow(struct sources *sources)
{
	struct node *node;

	free(sources->table);
	sources->room *= 2;
	sources->table = xcalloc(sources->room, sizeof(struct node *));
	TAILQ_FOREACH(node, &sources->lru, lru)
		chain_in(sources, node);
}

static void
node_drop(struct sources *sources, struct node *node)
{
	struct node **at;

	at = &sources->table[slot_of(sources, node->owner, &node->host)];
	while (*at != node)
		at = &(*at)->chain;
	*at = node->chain;
	TAILQ_REMOVE(&sources->lru, node, lru);
	sources->count--;
	free(node);
}

/* Entries with children are moved out of the way as they are met: there are
 * no more of them than children, so that this ends soon. */
static bool
make_room(struct sources *sources)
{
	struct node *node;
	size_t tries = sources->count;

	if (sources->count < sources->max)
		return true;
	while (tries-- > 0 && (node = TAILQ_FIRST(&sources->lru)) != NULL) {
		if (node->entry.children == 0) {
			node_drop(sources, node);
			return true;
		}
		TAILQ_REMOVE(&sources->lru, node, lru);
		TAILQ_INSERT_TAIL(&sources->lru, node, lru);
	}
	return false;
}

struct source_entry *
sources_get(struct sources *sources, const void *owner,
    const struct addr *addr)
{
	struct addr host;
	struct node *node;

	host_of(addr, &host);
	node = node_find(sources, owner, &host);
	if (node != NULL) {
		TAILQ_REMOVE(&sources->lru, node, lru);
	} else {
		if (!make_room(sources))
			return NULL;
		node = calloc(1, sizeof(*node));
		if (node == NULL)
			return NULL;
		node->owner = owner;
		node->host = host;
		if (sources->count == sources->room * 2)
			grow(sources);
		chain_in(sources, node);
		sources->count++;
	}
	TAILQ_INSERT_TAIL(&sources->lru, node, lru);
	return &node->entry;
}

struct source_entry *
sources_find(const struct sources *sources, const void *owner,
    const struct addr *addr)
{
	struct addr host;
	struct node *node;

	host_of(addr, &host);
	node = node_find(sources, owner, &host);
	return node == NULL ? NULL : &node->entry;
}

void
sources_drop_owner(struct sources *sources, const void *owner)
{
	struct node *node, *next;

	for (node = TAILQ_FIRST(&sources->lru); node != NULL; node = next) {
		next = TAILQ_NEXT(node, lru);
		if (node->owner == owner)
			node_drop(sources, node);
	}
}

size_t
sources_count(const struct sources *sources)
{
	return sources->count;
}
