/* Fair shares: arithmetic on the counters of pools, services and clients. */
#include "superd/running/share.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "conf/service.h"
#include "services/tunnel.h"
#include "services/worker.h"
#include "superd/running/running_tree.h"
#include "superd/running/way.h"

/* The parts of a pool that are kept for services below their fair share, and
 * of a pool or a service for clients that hold less than half. */
enum { RESERVE = 8, RESERVE_CLIENTS = 4, TALKS = 128, SECOND = 1000000 };

#define BIT(place) (1u << (place))

static unsigned
smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Pools. */

const char *
share_place_name(enum place_kind place)
{
	static const char *const names[PLACES] = { "processes", "connections",
		"talks" };

	return names[place];
}

enum refusal
share_refusal(enum place_kind place)
{
	static const enum refusal refusals[PLACES] = { REFUSED_TOTAL,
		REFUSED_CONNECTIONS, REFUSED_TALKS };

	return refusals[place];
}

void
share_configure(struct superd *superd)
{
	const struct globals *globals = &superd->conf->globals;
	unsigned processes = globals->max_children;
	/* one worker may have to serve all of them */
	size_t room = worker_capacity(TUNNEL_DESCRIPTORS);
	unsigned connections = room < UINT_MAX ? (unsigned)room : UINT_MAX;

	if (globals->max_connections != LIMIT_NONE)
		connections = smaller(connections, globals->max_connections);
	superd->pools[PLACE_PROCESS].max = processes;
	superd->pools[PLACE_CONNECTION].max = connections;
	superd->pools[PLACE_TALK].max = processes == LIMIT_NONE ?
	    TALKS :
	    smaller(TALKS, processes);
}

/* What a service that holds so many places must leave free. */
static unsigned
kept(const struct pool *pool, unsigned mine)
{
	unsigned one_each = smaller(pool->idle, pool->max / 2);
	unsigned reserve = pool->services > 1 ? pool->max / RESERVE : 0;

	if (mine == 0)
		return 0;
	if (pool->services > 0 && mine < pool->max / pool->services)
		return one_each;
	return one_each > reserve ? one_each : reserve;
}

static bool
has_room(const struct pool *pool, unsigned mine)
{
	return pool->max == LIMIT_NONE ||
	    (pool->used < pool->max &&
		kept(pool, mine) < pool->max - pool->used);
}

/* Services. */

static void
count_services(struct live *live, int n)
{
	for (unsigned place = 0; place < PLACES; place++) {
		struct pool *pool = &live->superd->pools[place];

		if (!(live->needs & BIT(place)))
			continue;
		pool->services += (unsigned)n;
		if (live->places[place] == 0)
			pool->idle += (unsigned)n;
	}
}

void
share_define(struct live *live)
{
	share_undefine(live);
	live->place = live->way->place;
	if (live->place == PLACES)
		return;
	live->needs = BIT(live->place);
	/* a process asks before a worker serves */
	if (live->place == PLACE_CONNECTION && service_asks(live->service))
		live->needs |= BIT(PLACE_PROCESS);
	count_services(live, 1);
}

void
share_undefine(struct live *live)
{
	count_services(live, -1);
	live->needs = 0;
	live->place = PLACES;
}

enum refusal
share_service(const struct live *live)
{
	for (unsigned place = 0; place < PLACES; place++)
		if ((live->needs & BIT(place)) &&
		    !has_room(&live->superd->pools[place], live->places[place]))
			return share_refusal(place);
	return ADMITTED;
}

unsigned
share_most(const struct live *live)
{
	unsigned most = live->service->limits.instances;
	const struct pool *pool;

	if (most == LIMIT_NONE || most == LIMIT_UNSET)
		most = UINT_MAX;
	if (live->place == PLACES)
		return most;
	pool = &live->superd->pools[live->place];
	if (pool->max == LIMIT_NONE)
		return most;
	return smaller(most, pool->max - kept(pool, pool->max));
}

/* Clients. */

static bool
is_busy(unsigned used, unsigned most)
{
	return used >= most - most / RESERVE_CLIENTS;
}

/* Does the client hold half of what is taken? */
static bool
has_half(const struct superd *superd, const void *owner,
    const struct prefix *client, unsigned used)
{
	const struct source_entry *source = sources_find(superd->sources, owner,
	    client);

	return source != NULL && source->children >= used / 2;
}

enum refusal
share_client(const struct live *live, const struct addr *peer)
{
	const struct superd *superd = live->superd;
	const struct pool *pool;
	unsigned mine;
	struct prefix client;

	if (live->place == PLACES || live->service->wait ||
	    live->service->limits.per_source != LIMIT_UNSET ||
	    live->places[live->place] == 0 || !addr_is_internet(peer))
		return ADMITTED;
	pool = &superd->pools[live->place];
	mine = live->places[live->place];
	client_of(peer, &superd->client_bits, &client);
	if (is_busy(mine, share_most(live)) &&
	    has_half(superd, live, &client, mine))
		return REFUSED_SHARE;
	if (pool->max != LIMIT_NONE && is_busy(pool->used, pool->max) &&
	    has_half(superd, pool, &client, pool->used))
		return REFUSED_SHARE;
	return ADMITTED;
}

/* Children. */

static struct source_entry *
count_client(struct superd *superd, const void *owner, const struct addr *peer)
{
	struct source_entry *source;
	struct prefix client;

	client_of(peer, &superd->client_bits, &client);
	source = sources_get(superd->sources, owner, &client);
	if (source != NULL)
		sources_take(superd->sources, source);
	return source;
}

static void
forget_client(struct superd *superd, struct source_entry **source)
{
	if (*source != NULL)
		sources_give_back(superd->sources, *source);
	*source = NULL;
}

void
share_take(struct child *child)
{
	struct live *live = child->live;
	struct superd *superd = live->superd;

	child->places = live->needs;
	for (unsigned place = 0; place < PLACES; place++) {
		if (!(live->needs & BIT(place)))
			continue;
		if (live->places[place]++ == 0)
			superd->pools[place].idle--;
		superd->pools[place].used++;
	}
	if (child->peer.len == 0)
		return;
	child->source = count_client(superd, live, &child->peer);
	if (live->place != PLACES)
		child->total = count_client(superd, &superd->pools[live->place],
		    &child->peer);
}

void
share_give_back(struct child *child, unsigned places)
{
	struct live *live = child->live;
	struct superd *superd = live->superd;

	places &= child->places;
	child->places &= ~places;
	for (unsigned place = 0; place < PLACES; place++) {
		if (!(places & BIT(place)))
			continue;
		superd->pools[place].used--;
		if (--live->places[place] == 0 && (live->needs & BIT(place)))
			superd->pools[place].idle++;
	}
	if (child->places != 0)
		return;
	forget_client(superd, &child->source);
	forget_client(superd, &child->total);
}

/* For people. */

unsigned
share_client_of(const struct live *live, struct prefix *client)
{
	const struct source_entry *source = sources_most(live->superd->sources,
	    live);

	if (source == NULL)
		return 0;
	*client = source->client;
	return source->children;
}

void
share_holders(struct superd *superd, enum place_kind place,
    struct holders *holders)
{
	const struct source_entry *source = sources_most(superd->sources,
	    &superd->pools[place]);

	holders->live = NULL;
	holders->places = holders->clients_places = 0;
	for (struct live *live = live_first(superd); live != NULL;
	     live = live_next(live))
		if (live->places[place] > holders->places) {
			holders->live = live;
			holders->places = live->places[place];
		}
	if (source == NULL)
		return;
	holders->client = source->client;
	holders->clients_places = source->children;
}

static void
print_client(const struct prefix *client, unsigned places, char *buf,
    size_t size)
{
	char text[ADDR_TEXT];
	size_t used = strlen(buf);

	if (places > 0)
		snprintf(buf + used, size - used, " client=%s client_holds=%u",
		    prefix_print(client, text, sizeof(text)), places);
}

static void
print_pool(struct superd *superd, enum place_kind place)
{
	struct pool *pool = &superd->pools[place];
	int64_t now = loop_clock();
	struct holders holders;

	if (pool->asked != 0 && now - pool->asked < SECOND)
		return;
	pool->asked = now;
	pool->holders[0] = '\0';
	share_holders(superd, place, &holders);
	if (holders.live == NULL)
		return;
	snprintf(pool->holders, sizeof(pool->holders),
	    " service=%.100s holds=%u", holders.live->id, holders.places);
	print_client(&holders.client, holders.clients_places, pool->holders,
	    sizeof(pool->holders));
}

char *
share_print(struct live *live, enum refusal why, char *buf, size_t size)
{
	struct superd *superd = live->superd;
	struct prefix client;
	unsigned places;

	buf[0] = '\0';
	if (why == REFUSED_SHARE || why == REFUSED_INSTANCES) {
		places = share_client_of(live, &client);
		print_client(&client, places, buf, size);
	} else if (live->place != PLACES && why == share_refusal(live->place)) {
		print_pool(superd, live->place);
		snprintf(buf, size, "%s", superd->pools[live->place].holders);
	}
	return buf;
}
