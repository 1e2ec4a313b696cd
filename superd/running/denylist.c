/* A tree for finding, and one by time for forgetting. */
#include "superd/running/denylist.h"

#include <stdlib.h>

#include <bsd/sys/tree.h>

#include "conf/xalloc.h"

struct entry {
	RB_ENTRY(entry) by_client;
	RB_ENTRY(entry) by_time;
	struct prefix client;
	int64_t until;
};

RB_HEAD(denied_clients, entry);
RB_HEAD(denylist_times, entry);

struct denylist {
	struct denied_clients clients;
	struct denylist_times times;
	size_t count, max;
};

enum { LOOPBACK_NETWORK = 127 };

static int
compare_clients(struct entry *a, struct entry *b)
{
	return prefix_compare(&a->client, &b->client);
}

static int
compare_times(struct entry *a, struct entry *b)
{
	if (a->until != b->until)
		return a->until < b->until ? -1 : 1;
	return (a > b) - (a < b);
}

RB_PROTOTYPE(denied_clients, entry, by_client, compare_clients)
RB_GENERATE(denied_clients, entry, by_client, compare_clients)
RB_PROTOTYPE(denylist_times, entry, by_time, compare_times)
RB_GENERATE(denylist_times, entry, by_time, compare_times)

struct denylist *
denylist_new(size_t max)
{
	struct denylist *denied = xcalloc(1, sizeof(*denied));

	denied->max = max;
	RB_INIT(&denied->clients);
	RB_INIT(&denied->times);
	return denied;
}

static void
drop(struct denylist *denied, struct entry *entry)
{
	RB_REMOVE(denied_clients, &denied->clients, entry);
	RB_REMOVE(denylist_times, &denied->times, entry);
	denied->count--;
	free(entry);
}

void
denylist_free(struct denylist *denied)
{
	struct entry *entry;

	if (denied == NULL)
		return;
	while ((entry = RB_ROOT(&denied->times)) != NULL)
		drop(denied, entry);
	free(denied);
}

/* Not those of this host, and no paths. */
static bool
may_deny(const struct addr *addr)
{
	struct addr plain = *addr;

	addr_unmap(&plain);
	switch (plain.u.sa.sa_family) {
	case AF_INET:
		return ntohl(plain.u.in.sin_addr.s_addr) >> 24 !=
		    LOOPBACK_NETWORK;
	case AF_INET6:
		return !IN6_IS_ADDR_LOOPBACK(&plain.u.in6.sin6_addr);
	default:
		return false;
	}
}

static struct entry *
find(struct denylist *denied, const struct prefix *client)
{
	struct entry key;

	key.client = *client;
	return RB_FIND(denied_clients, &denied->clients, &key);
}

size_t
denylist_count(struct denylist *denied, int64_t now)
{
	struct entry *entry;

	while ((entry = RB_MIN(denylist_times, &denied->times)) != NULL &&
	    entry->until <= now)
		drop(denied, entry);
	return denied->count;
}

static void
prolong(struct denylist *denied, struct entry *entry, int64_t until)
{
	if (until <= entry->until)
		return;
	RB_REMOVE(denylist_times, &denied->times, entry);
	entry->until = until;
	RB_INSERT(denylist_times, &denied->times, entry);
}

enum denied_result
denylist_add(struct denylist *denied, const struct addr *addr,
    const struct client_bits *bits, int64_t until, int64_t now)
{
	struct prefix client;
	struct entry *entry;

	if (!may_deny(addr))
		return DENIED_NEVER;
	client_of(addr, bits, &client);
	denylist_count(denied, now);
	entry = find(denied, &client);
	if (entry != NULL) {
		prolong(denied, entry, until);
		return DENIED_KNOWN;
	}
	if (denied->count >= denied->max)
		return DENIED_FULL;
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return DENIED_FULL;
	entry->client = client;
	entry->until = until;
	RB_INSERT(denied_clients, &denied->clients, entry);
	RB_INSERT(denylist_times, &denied->times, entry);
	denied->count++;
	return DENIED_NEW;
}

bool
denylist_has(struct denylist *denied, const struct addr *addr,
    const struct client_bits *bits, int64_t now)
{
	const struct entry *entry;
	struct prefix client;

	if (denied->count == 0 || !may_deny(addr))
		return false;
	client_of(addr, bits, &client);
	entry = find(denied, &client);
	return entry != NULL && entry->until > now;
}
