/* A tree for finding, and one by time for forgetting. */
#include "superd/running/denylist.h"

#include <stdlib.h>

#include <bsd/sys/tree.h>

#include "conf/xalloc.h"

enum { LOOPBACK_NETWORK = 127, LONGEST = 128 };

struct entry {
	RB_ENTRY(entry) by_client;
	RB_ENTRY(entry) by_time;
	struct denied denied;
};

RB_HEAD(denied_clients, entry);
RB_HEAD(denylist_times, entry);

/* The lengths of the prefixes of one family: an address is looked for once
 * with each. */
struct lengths {
	size_t count[LONGEST + 1];
	uint8_t used[LONGEST + 1];
	size_t nused;
};

struct denylist {
	struct denied_clients clients;
	struct denylist_times times;
	struct lengths v4, v6;
	size_t count, max;
};

static int
compare_clients(struct entry *a, struct entry *b)
{
	return prefix_compare(&a->denied.client, &b->denied.client);
}

static int
compare_times(struct entry *a, struct entry *b)
{
	if (a->denied.until != b->denied.until)
		return a->denied.until < b->denied.until ? -1 : 1;
	return (a > b) - (a < b);
}

RB_PROTOTYPE(denied_clients, entry, by_client, compare_clients)
RB_GENERATE(denied_clients, entry, by_client, compare_clients)
RB_PROTOTYPE(denylist_times, entry, by_time, compare_times)
RB_GENERATE(denylist_times, entry, by_time, compare_times)

struct denylist *
denylist_new(size_t max)
{
	struct denylist *denylist = xcalloc(1, sizeof(*denylist));

	denylist->max = max;
	RB_INIT(&denylist->clients);
	RB_INIT(&denylist->times);
	return denylist;
}

/* Lengths. */

static void
list_lengths(struct lengths *lengths)
{
	lengths->nused = 0;
	for (unsigned bits = 0; bits <= LONGEST; bits++)
		if (lengths->count[bits] > 0)
			lengths->used[lengths->nused++] = (uint8_t)bits;
}

static struct lengths *
lengths_of(struct denylist *denylist, const struct prefix *client)
{
	return client->family == AF_INET ? &denylist->v4 : &denylist->v6;
}

static void
count_length(struct denylist *denylist, const struct prefix *client)
{
	struct lengths *lengths = lengths_of(denylist, client);

	if (lengths->count[client->bits]++ == 0)
		list_lengths(lengths);
}

static void
uncount_length(struct denylist *denylist, const struct prefix *client)
{
	struct lengths *lengths = lengths_of(denylist, client);

	if (--lengths->count[client->bits] == 0)
		list_lengths(lengths);
}

/* Entries. */

static void
drop(struct denylist *denylist, struct entry *entry)
{
	RB_REMOVE(denied_clients, &denylist->clients, entry);
	RB_REMOVE(denylist_times, &denylist->times, entry);
	uncount_length(denylist, &entry->denied.client);
	denylist->count--;
	free(entry);
}

void
denylist_free(struct denylist *denylist)
{
	struct entry *entry;

	if (denylist == NULL)
		return;
	while ((entry = RB_ROOT(&denylist->times)) != NULL)
		drop(denylist, entry);
	free(denylist);
}

static bool
is_loopback(const struct prefix *client)
{
	static const struct prefix loopback = { .family = AF_INET6,
		.bits = LONGEST,
		.bytes = { [15] = 1 } };

	return client->family == AF_INET ?
	    client->bits >= 8 && client->bytes[0] == LOOPBACK_NETWORK :
	    prefix_equal(client, &loopback);
}

bool
denylist_takes(const struct prefix *client)
{
	return (client->family == AF_INET || client->family == AF_INET6) &&
	    !is_loopback(client);
}

bool
denylist_client(const struct addr *addr, const struct client_bits *bits,
    struct prefix *client)
{
	if (!addr_is_internet(addr))
		return false;
	prefix_of(addr, LONGEST, client);
	if (is_loopback(client))
		return false;
	client_of(addr, bits, client);
	return true;
}

static struct entry *
find(const struct denylist *denylist, const struct prefix *client)
{
	struct entry key;

	key.denied.client = *client;
	return RB_FIND(denied_clients,
	    (struct denied_clients *)(uintptr_t)&denylist->clients, &key);
}

size_t
denylist_count(struct denylist *denylist, int64_t now)
{
	struct entry *entry;

	while ((entry = RB_MIN(denylist_times, &denylist->times)) != NULL &&
	    entry->denied.until <= now)
		drop(denylist, entry);
	return denylist->count;
}

static void
change(struct denylist *denylist, struct entry *entry,
    const struct denied *denied)
{
	if (denied->by == DENIED_BY_SENSOR &&
	    denied->until <= entry->denied.until)
		return;
	RB_REMOVE(denylist_times, &denylist->times, entry);
	entry->denied = *denied;
	RB_INSERT(denylist_times, &denylist->times, entry);
}

enum denied_result
denylist_add(struct denylist *denylist, const struct denied *denied,
    int64_t now)
{
	struct entry *entry;

	if (!denylist_takes(&denied->client))
		return DENIED_NEVER;
	denylist_count(denylist, now);
	entry = find(denylist, &denied->client);
	if (entry != NULL) {
		change(denylist, entry, denied);
		return DENIED_KNOWN;
	}
	if (denylist->count >= denylist->max && denied->by != DENIED_BY_HAND)
		return DENIED_FULL;
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return DENIED_FULL;
	entry->denied = *denied;
	RB_INSERT(denied_clients, &denylist->clients, entry);
	RB_INSERT(denylist_times, &denylist->times, entry);
	count_length(denylist, &denied->client);
	denylist->count++;
	return DENIED_NEW;
}

bool
denylist_remove(struct denylist *denylist, const struct prefix *client)
{
	struct entry *entry = find(denylist, client);

	if (entry != NULL)
		drop(denylist, entry);
	return entry != NULL;
}

const struct denied *
denylist_find(const struct denylist *denylist, const struct addr *addr,
    int64_t now)
{
	const struct lengths *lengths;
	struct prefix client;

	if (denylist->count == 0 || !addr_is_internet(addr))
		return NULL;
	prefix_of(addr, LONGEST, &client);
	if (is_loopback(&client))
		return NULL;
	lengths = client.family == AF_INET ? &denylist->v4 : &denylist->v6;
	for (size_t i = 0; i < lengths->nused; i++) {
		const struct entry *entry;

		prefix_of(addr, lengths->used[i], &client);
		entry = find(denylist, &client);
		if (entry != NULL && entry->denied.until > now)
			return &entry->denied;
	}
	return NULL;
}

void
denylist_each(const struct denylist *denylist,
    void (*fn)(void *arg, const struct denied *), void *arg)
{
	struct denylist_times
	    *times = (struct denylist_times *)(uintptr_t)&denylist->times;
	struct entry *entry;

	RB_FOREACH (entry, denylist_times, times)
		fn(arg, &entry->denied);
}

const char *
denied_by_name(enum denied_by by)
{
	return by == DENIED_BY_HAND ? "hand" : "sensor";
}
