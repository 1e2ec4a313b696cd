/* Fair shares: arithmetic on the counters of pools, services and clients. */
#include "superd/running/share.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "conf/service.h"
#include "services/tunnel.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"
#include "superd/running/sources.h"
#include "superd/running/tally.h"
#include "superd/running/way.h"

/* The parts of a pool that are kept for services below their fair share, and
 * of a pool or a service for clients that hold less than half. */
enum { RESERVE = 8, RESERVE_CLIENTS = 4, TALKS = 128 };
/* Descriptors of an internal process that are not connections'. */
enum { SPARE = 64 };

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

/* One internal process may have to serve all connections. */
static size_t
capacity(void)
{
	rlim_t files = fds_initial_limit()->rlim_max;

	if (files == RLIM_INFINITY)
		return UINT_MAX;
	return files > SPARE + TUNNEL_DESCRIPTORS ?
	    (files - SPARE) / TUNNEL_DESCRIPTORS :
	    1;
}

void
share_configure(struct superd *superd)
{
	const struct globals *globals = &superd->conf->globals;
	unsigned processes = globals->max_children;
	size_t room = capacity();
	unsigned connections = room < UINT_MAX ? (unsigned)room : UINT_MAX;

	if (globals->max_connections != LIMIT_NONE)
		connections = smaller(connections, globals->max_connections);
	superd->pools[PLACE_PROCESS].max = processes;
	superd->pools[PLACE_CONNECTION].max = connections;
	superd->pools[PLACE_TALK].max = processes == LIMIT_NONE ?
	    TALKS :
	    smaller(TALKS, processes);
}

/* A pool as all processes together use it now. */
struct state {
	unsigned max, used, services, idle;
};

static struct state
state_of(const struct superd *superd, enum place_kind place)
{
	const struct pool *pool = &superd->pools[place];
	struct state state = { pool->max, pool->used, pool->services,
		pool->idle };
	unsigned holding;

	if (place != PLACE_CONNECTION || superd->tally == NULL)
		return state;
	state.used = tally_used(superd->tally);
	/* of services, the daemon knows */
	if (superd->inside != NULL) {
		holding = tally_holding(superd->tally);
		state.idle = pool->services - smaller(holding, pool->services);
	}
	return state;
}

/* What a service that holds so many places must leave free. */
static unsigned
kept(const struct state *pool, unsigned mine)
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
has_room(const struct state *pool, unsigned mine)
{
	return pool->max == LIMIT_NONE ||
	    (pool->used < pool->max &&
		kept(pool, mine) < pool->max - pool->used);
}

/* Services. */

static void
count_services(struct running *running, int n)
{
	for (unsigned place = 0; place < PLACES; place++) {
		struct pool *pool = &running->superd->pools[place];

		if (!(running->needs & BIT(place)))
			continue;
		pool->services += (unsigned)n;
		if (running->places[place] == 0)
			pool->idle += (unsigned)n;
	}
}

void
share_define(struct running *running)
{
	share_undefine(running);
	running->place = running->way->place;
	if (running->place == PLACES)
		return;
	running->needs = (uint8_t)BIT(running->place);
	/* one asks, before an internal process serves */
	if (running->way->elsewhere != NULL && service_asks(running->service))
		running->needs |= BIT(PLACE_PROCESS);
	count_services(running, 1);
}

void
share_undefine(struct running *running)
{
	count_services(running, -1);
	running->needs = 0;
	running->place = PLACES;
}

enum refusal
share_service(const struct running *running)
{
	for (unsigned place = 0; place < PLACES; place++) {
		struct state state;

		if ((running->needs & BIT(place)) == 0)
			continue;
		state = state_of(running->superd, place);
		if (!has_room(&state, running->places[place]))
			return share_refusal(place);
	}
	return ADMITTED;
}

bool
share_is_full(const struct superd *superd, enum place_kind place)
{
	struct state state = state_of(superd, place);

	return state.max != LIMIT_NONE && state.used >= state.max;
}

unsigned
share_most(const struct running *running)
{
	unsigned most = running->service->limits.instances;
	struct state pool;

	if (!is_limit(most))
		most = UINT_MAX;
	if (running->place == PLACES)
		return most;
	pool = state_of(running->superd, running->place);
	if (pool.max == LIMIT_NONE)
		return most;
	return smaller(most, pool.max - kept(&pool, pool.max));
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

/* The same of a pool, by all processes. */
static bool
has_half_of_pool(const struct superd *superd, enum place_kind place,
    const struct prefix *client, unsigned used)
{
	if (place != PLACE_CONNECTION || superd->inside == NULL)
		return has_half(superd, &superd->pools[place], client, used);
	return tally_client(superd->tally, client) >= used / 2;
}

enum refusal
share_client(const struct running *running, const struct addr *peer)
{
	const struct superd *superd = running->superd;
	struct state pool;
	unsigned mine;
	struct prefix client;

	if (running->place == PLACES || running->service->wait ||
	    running->service->limits.per_source != LIMIT_UNSET ||
	    running->places[running->place] == 0 || !addr_is_internet(peer))
		return ADMITTED;
	pool = state_of(superd, running->place);
	mine = running->places[running->place];
	client_of(peer, &superd->client_bits, &client);
	if (is_busy(mine, share_most(running)) &&
	    has_half(superd, running, &client, mine))
		return REFUSED_SHARE;
	if (pool.max != LIMIT_NONE && is_busy(pool.used, pool.max) &&
	    has_half_of_pool(superd, running->place, &client, pool.used))
		return REFUSED_SHARE;
	return ADMITTED;
}

/* The tally. */

/* NULL: nobody knows who; or it is not counted: what a client is may change
 * in the daemon, where its own books serve for that. */
static const struct prefix *
tallied_client(const struct superd *superd, const struct addr *peer,
    struct prefix *client)
{
	if (peer == NULL || peer->len == 0)
		return NULL;
	client_of(peer, &superd->client_bits, client);
	return client;
}

static bool
is_tallied(const struct running *running)
{
	return (running->needs & BIT(PLACE_CONNECTION)) != 0 &&
	    running->superd->tally != NULL;
}

bool
share_reserve(const struct running *running, const struct addr *peer)
{
	const struct superd *superd = running->superd;
	unsigned max = superd->pools[PLACE_CONNECTION].max;
	struct prefix client;

	return !is_tallied(running) ||
	    tally_take(superd->tally,
		superd->inside != NULL ?
		    tallied_client(superd, peer, &client) :
		    NULL,
		max == LIMIT_NONE ? UINT_MAX : max);
}

static void
drop_tallied(struct superd *superd, const struct addr *peer)
{
	struct prefix client;

	tally_drop(superd->tally, tally_self(superd->tally),
	    superd->inside != NULL ?
		tallied_client(superd, peer, &client) :
		NULL);
}

void
share_reserved(const struct running *running, const struct addr *peer,
    struct child *child)
{
	if (!is_tallied(running))
		return;
	if (child != NULL)
		child->tallied = true;
	else
		drop_tallied(running->superd, peer);
}

void
share_hand_over(struct child *child, unsigned slot)
{
	struct superd *superd = child->running->superd;
	struct prefix client;

	tally_add(superd->tally, slot,
	    tallied_client(superd, child_counted(child), &client));
	if (child->tallied)
		drop_tallied(superd, child_counted(child));
	child->tallied = false;
}

/* Children. */

static void
hold(const struct superd *superd, enum place_kind place, int change)
{
	if (place == PLACE_CONNECTION && superd->inside != NULL)
		tally_hold(superd->tally, change);
}

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
	struct running *running = child->running;
	struct superd *superd = running->superd;

	child->places = running->needs;
	for (unsigned place = 0; place < PLACES; place++) {
		if (!(running->needs & BIT(place)))
			continue;
		if (running->places[place]++ == 0) {
			superd->pools[place].idle--;
			hold(superd, place, 1);
		}
		superd->pools[place].used++;
	}
	if (child_counted(child) == NULL)
		return;
	child->source = count_client(superd, running, &child->peer);
	if (running->place != PLACES)
		child->total = count_client(superd,
		    &superd->pools[running->place], &child->peer);
}

void
share_uncount(struct child *child)
{
	child->uncounted = true;
	forget_client(child->running->superd, &child->source);
	forget_client(child->running->superd, &child->total);
}

void
share_give_back(struct child *child, unsigned places)
{
	struct running *running = child->running;
	struct superd *superd = running->superd;

	places &= child->places;
	child->places &= ~places;
	if (child->tallied && (places & BIT(PLACE_CONNECTION)) != 0) {
		drop_tallied(superd, child_counted(child));
		child->tallied = false;
	}
	for (unsigned place = 0; place < PLACES; place++) {
		if (!(places & BIT(place)))
			continue;
		superd->pools[place].used--;
		if (--running->places[place] != 0)
			continue;
		hold(superd, place, -1);
		if (running->needs & BIT(place))
			superd->pools[place].idle++;
	}
	if (child->places != 0)
		return;
	forget_client(superd, &child->source);
	forget_client(superd, &child->total);
}

/* For people. */

unsigned
share_client_of(const struct running *running, struct prefix *client)
{
	const struct source_entry
	    *source = sources_most(running->superd->sources, running);

	if (source == NULL)
		return 0;
	*client = source->client;
	return source->children;
}

void
share_holders(const struct superd *superd, enum place_kind place,
    struct holders *holders)
{
	const struct source_entry *source = sources_most(superd->sources,
	    &superd->pools[place]);

	holders->running = NULL;
	holders->places = holders->clients_places = 0;
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (running->places[place] > holders->places) {
			holders->running = running;
			holders->places = running->places[place];
		}
	if (source == NULL)
		return;
	holders->client = source->client;
	holders->clients_places = source->children;
}

static void
look_at_pool(struct superd *superd, enum place_kind place)
{
	struct pool *pool = &superd->pools[place];
	int64_t now = loop_clock();
	struct holders holders;

	if (pool->asked != 0 && now - pool->asked < SECOND)
		return;
	pool->asked = now;
	pool->holders = (struct shown_holders){ .places = 0 };
	share_holders(superd, place, &holders);
	if (holders.running == NULL)
		return;
	snprintf(pool->holders.id, sizeof(pool->holders.id), "%s",
	    holders.running->id);
	pool->holders.places = holders.places;
	pool->holders.client = holders.client;
	pool->holders.clients_places = holders.clients_places;
}

void
share_show(struct running *running, enum refusal why,
    struct shown_holders *shown)
{
	struct superd *superd = running->superd;

	*shown = (struct shown_holders){ .places = 0 };
	if (why == REFUSED_SHARE || why == REFUSED_INSTANCES)
		shown->clients_places = share_client_of(running,
		    &shown->client);
	else if (running->place != PLACES &&
	    why == share_refusal(running->place)) {
		look_at_pool(superd, running->place);
		*shown = superd->pools[running->place].holders;
	}
}
