/* A chained hash for finding, and a tree by time for forgetting. */
#include "superd/denied.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>
#include <bsd/sys/tree.h>

#include "conf/xalloc.h"

struct entry {
	RB_ENTRY(entry) by_time;
	struct entry *chain;
	struct prefix range;
	int64_t until;
};

RB_HEAD(times, entry);

struct denied {
	struct entry **table;
	size_t room;		/* power of two */
	size_t count, max;
	uint64_t seed;
	struct times times;
};

enum { ROOM_FIRST = 64, NETWORK_BITS = 64, ALL_BITS = 128,
	LOOPBACK_NETWORK = 127 };

static int
compare_times(struct entry *a, struct entry *b)
{
	if (a->until != b->until)
		return a->until < b->until ? -1 : 1;
	return (a > b) - (a < b);
}

RB_PROTOTYPE(times, entry, by_time, compare_times)
RB_GENERATE(times, entry, by_time, compare_times)

struct denied *
denied_new(size_t max)
{
	struct denied *denied = xcalloc(1, sizeof(*denied));

	denied->max = max;
	denied->room = ROOM_FIRST;
	denied->table = xcalloc(denied->room, sizeof(struct entry *));
	arc4random_buf(&denied->seed, sizeof(denied->seed));
	RB_INIT(&denied->times);
	return denied;
}

void
denied_free(struct denied *denied)
{
	struct entry *entry;

	if (denied == NULL)
		return;
	while ((entry = RB_MIN(times, &denied->times)) != NULL) {
		RB_REMOVE(times, &denied->times, entry);
		free(entry);
	}
	free(denied->table);
	free(denied);
}

bool
denied_range(const struct addr *addr, struct prefix *range)
{
	const struct in6_addr *host;
	struct addr plain = *addr;

	addr_unmap(&plain);
	host = &plain.u.in6.sin6_addr;
	switch (plain.u.sa.sa_family) {
	case AF_INET:
		prefix_of(&plain, ALL_BITS, range);
		return range->bytes[0] != LOOPBACK_NETWORK;
	case AF_INET6:
		prefix_of(&plain, IN6_IS_ADDR_LINKLOCAL(host) ? ALL_BITS :
		    NETWORK_BITS, range);
		return !IN6_IS_ADDR_LOOPBACK(host);
	default:
		return false;
	}
}

/* Every bit of the result depends on every bit of x. */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
	x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
	return x ^ (x >> 33);
}

/* Seeded: addresses that all fall into one chain cannot be chosen. */
static struct entry **
slot_of(const struct denied *denied, const struct prefix *range)
{
	uint64_t words[2], hash;

	memcpy(words, range->bytes, sizeof(words));
	hash = mix(words[0] ^ denied->seed ^ range->family);
	hash = mix(words[1] ^ hash);
	return &denied->table[hash & (denied->room - 1)];
}

static struct entry *
find(const struct denied *denied, const struct prefix *range)
{
	struct entry *entry = *slot_of(denied, range);

	while (entry != NULL && !prefix_equal(&entry->range, range))
		entry = entry->chain;
	return entry;
}

static void
chain_in(struct denied *denied, struct entry *entry)
{
	struct entry **slot = slot_of(denied, &entry->range);

	entry->chain = *slot;
	*slot = entry;
}

static void
grow(struct denied *denied)
{
	struct entry *entry;

	free(denied->table);
	denied->room *= 2;
	denied->table = xcalloc(denied->room, sizeof(struct entry *));
	RB_FOREACH(entry, times, &denied->times)
		chain_in(denied, entry);
}

static void
drop(struct denied *denied, struct entry *entry)
{
	struct entry **at = slot_of(denied, &entry->range);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	RB_REMOVE(times, &denied->times, entry);
	denied->count--;
	free(entry);
}

size_t
denied_count(struct denied *denied, int64_t now)
{
	struct entry *entry;

	while ((entry = RB_MIN(times, &denied->times)) != NULL &&
	    entry->until <= now)
		drop(denied, entry);
	return denied->count;
}

static void
prolong(struct denied *denied, struct entry *entry, int64_t until)
{
	if (until <= entry->until)
		return;
	RB_REMOVE(times, &denied->times, entry);
	entry->until = until;
	RB_INSERT(times, &denied->times, entry);
}

enum denied_result
denied_add(struct denied *denied, const struct addr *addr, int64_t until,
    int64_t now)
{
	struct prefix range;
	struct entry *entry;

	if (!denied_range(addr, &range))
		return DENIED_NEVER;
	if (denied_count(denied, now) == denied->room * 2)
		grow(denied);
	entry = find(denied, &range);
	if (entry != NULL) {
		prolong(denied, entry, until);
		return DENIED_KNOWN;
	}
	if (denied->count >= denied->max)
		return DENIED_FULL;
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return DENIED_FULL;
	entry->range = range;
	entry->until = until;
	chain_in(denied, entry);
	RB_INSERT(times, &denied->times, entry);
	denied->count++;
	return DENIED_NEW;
}

bool
denied_has(const struct denied *denied, const struct addr *addr, int64_t now)
{
	const struct entry *entry;
	struct prefix range;

	if (denied->count == 0 || !denied_range(addr, &range))
		return false;
	entry = find(denied, &range);
	return entry != NULL && entry->until > now;
}
