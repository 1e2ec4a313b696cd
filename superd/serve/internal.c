/* The start, the end and the orders of internal processes. */
#include "superd/serve/internal.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/backoff.h"
#include "superd/base/clock.h"
#include "superd/base/confine.h"
#include "superd/base/descriptors.h"
#include "superd/base/spoiled.h"
#include "superd/log/log.h"
#include "superd/policy/waiters.h"
#include "superd/running/blocked.h"
#include "superd/running/child.h"
#include "superd/running/event.h"
#include "superd/running/inside.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/renew.h"
#include "superd/running/running_tree.h"
#include "superd/running/way.h"
#include "superd/serve/notices.h"
#include "superd/serve/post.h"
#include "superd/serve/printing.h"
#include "superd/serve/returning.h"
#include "superd/serve/serving.h"
#include "superd/serve/target_lookup.h"
#include "superd/spawn/spawn.h"

enum { SLOTS = 255, PATIENCE = 3 /* seconds */, LAST = 100 };

/* One that died SOON after its start has a fault perhaps, and the next one
 * waits. */
static const int64_t SOON = 10 * (int64_t)SECOND;
static const int64_t PAUSE_FIRST = SECOND / 10, PAUSE_MOST = SECOND;

struct internals {
	struct superd *superd;
	TAILQ_HEAD(processes, internal) list;
	struct internal *now; /* who serves, or NULL */
	struct client_bits client_bits;
	struct printings *printings;
	unsigned most, talks; /* of all: as it knows it */
	struct stat zone;     /* the file of the time zone, likewise */
	unsigned deaths;      /* soon after the start, in a row */
	unsigned patience;
	unsigned last_slot;
	uint32_t last_id; /* of connections that come from here */
	struct loop_timer pause;
};

static void start_again(void *);
static void forget(struct running *);

struct internals *
internals_new(struct superd *superd)
{
	struct internals *internals = xcalloc(1, sizeof(*internals));
	/* for tests, which do not want to wait so long */
	const char *patience = getenv("SUPERD_WORKER_PATIENCE");

	internals->superd = superd;
	superd->running_gone = forget;
	internals->printings = printings_new(superd, internals_hear);
	TAILQ_INIT(&internals->list);
	internals->patience = patience == NULL ?
	    PATIENCE :
	    (unsigned)atoi(patience);
	loop_timer_init(&internals->pause, start_again, internals);
	return internals;
}

const struct internal *
internals_first(const struct superd *superd)
{
	return TAILQ_FIRST(&superd->internals->list);
}

const struct internal *
internals_next(const struct internal *internal)
{
	return TAILQ_NEXT(internal, entry);
}

void
internals_signal(const struct superd *superd, int signo)
{
	const struct internal *internal;

	TAILQ_FOREACH (internal, &superd->internals->list, entry)
		kill(internal->pid, signo);
}

/* Orders. */

static bool
post_about(struct internal *internal, enum order_kind kind,
    const struct running *running, uint32_t id, const struct addr *addr, int fd)
{
	struct order order = { .kind = kind, .id = id };

	if (!internal_number(internal, running, &order.service))
		return false;
	if (addr != NULL && addr->len > 0)
		order.addrs[order.naddrs++] = *addr;
	return internal_post(internal, &order, fd);
}

/* What happens to a connection of one is counted by all. */

static void
tell_started(const struct internal *but, const struct child *child)
{
	struct internal *internal;

	TAILQ_FOREACH (internal, &but->superd->internals->list, entry)
		if (internal != but)
			post_about(internal, ORDER_STARTED, child->running,
			    child->hosted.id, &child->peer, -1);
}

static void
tell_ended(const struct internal *but, const struct child *child)
{
	struct internal *internal;

	TAILQ_FOREACH (internal, &but->superd->internals->list, entry) {
		if (internal == but)
			continue;
		internal_post(internal,
		    &(const struct order){ .kind = ORDER_ENDED,
			.id = child->hosted.id },
		    -1);
	}
}

static void
post_to_all(struct superd *superd, const struct order *order)
{
	struct internal *internal;

	TAILQ_FOREACH (internal, &superd->internals->list, entry)
		internal_post(internal, order, -1);
}

void
internals_deny(struct superd *superd, const struct denied *denied)
{
	const struct order order = { .kind = ORDER_DENY, .denied = *denied };

	post_to_all(superd, &order);
}

void
internals_allow(struct superd *superd, const struct prefix *client)
{
	const struct order order = { .kind = ORDER_ALLOW,
		.denied = { .client = *client } };

	post_to_all(superd, &order);
}

void
internal_cut(const struct child *child)
{
	const struct order order = { .kind = ORDER_CUT,
		.id = child->hosted.id };

	internal_post(child->hosted.internal, &order, -1);
}

/* Listeners. */

static void
post_listener(struct listener *listener, enum order_kind kind, int fd)
{
	struct internals *internals = listener->running->superd->internals;
	struct order order = { .kind = kind, .listener = (uintptr_t)listener };

	if (listener->running->superd->elsewhere_changed ||
	    internals->now == NULL)
		return;
	if (internal_number(internals->now, listener->running,
		&order.service) &&
	    internal_post(internals->now, &order, fd))
		listener->given |= fd >= 0;
}

void
internal_listen(struct listener *listener)
{
	post_listener(listener, ORDER_LISTEN, listener->fd);
}

void
internal_unlisten(struct listener *listener)
{
	post_listener(listener, ORDER_UNLISTEN, -1);
}

/* Connections. */

static void
join(struct internal *internal, struct child *child, uint32_t id)
{
	child_connect(child, internal, internal->pid, id);
	TAILQ_INSERT_TAIL(&internal->connections, child, hosted.mates);
	if (internal->count++ == 0)
		pulse_start(&internal->pulse);
	tell_started(internal, child);
}

static void
part(struct internal *internal, struct child *child)
{
	printing_forget(child);
	TAILQ_REMOVE(&internal->connections, child, hosted.mates);
	internal->released = true;
	if (--internal->count == 0)
		pulse_rest(&internal->pulse);
	tell_ended(internal, child);
}

static uint32_t
new_id(struct superd *superd)
{
	uint32_t *last = &superd->internals->last_id;

	do
		*last = (*last + 1) & ((1u << SLOT_SHIFT) - 1);
	while (
	    *last == 0 || children_connection(superd->children, *last) != NULL);
	return *last;
}

/* NULL: nobody can serve it now. */
static struct internal *
give(struct running *running, const struct addr *peer, int fd, uint32_t *id)
{
	struct internals *internals = running->superd->internals;

	errno = EAGAIN;
	if (internals->now == NULL)
		return NULL;
	*id = new_id(running->superd);
	if (!post_about(internals->now, ORDER_SERVE, running, *id, peer, fd))
		return NULL;
	return internals->now;
}

struct child *
internal_start(const struct connection *client)
{
	struct running *running = client->running;
	const struct addr *peer = connection_peer(client);
	struct internal *internal;
	struct child *child;
	uint32_t id;

	if (running->superd->inside != NULL)
		return serving_begin(running, client->fd, peer);
	internal = give(running, peer, client->fd, &id);
	if (internal == NULL)
		return NULL;
	child = running_started(running, internal->pid, peer);
	join(internal, child, id);
	return child;
}

int
internal_resume(struct child *child)
{
	struct running *running = child->running;
	struct internal *internal;
	uint32_t id;

	internal = give(running, &child->peer, child->handed, &id);
	if (internal == NULL)
		return -1;
	spawn_close(running->superd->spawner, child->handed);
	child->handed = -1;
	join(internal, child, id);
	event_started(running, internal->pid,
	    child->peer.len > 0 ? &child->peer : NULL);
	return 0;
}

/* Hearing. */

static void
kill_broken(struct internal *internal)
{
	internal->broken = true;
	loop_unwatch(internal->superd->loop, internal->knock);
	event_process_broken(internal->title, internal->pid, internal->count);
	kill(internal->pid, SIGKILL);
}

static void
found(struct running *running, const struct addr *addrs, size_t count)
{
	struct order order = { .kind = ORDER_FOUND, .naddrs = (uint32_t)count };
	struct internal *internal;

	memcpy(order.addrs, addrs, count * sizeof(*addrs));
	TAILQ_FOREACH (internal, &running->superd->internals->list, entry)
		if (internal_number(internal, running, &order.service))
			internal_post(internal, &order, -1);
}

static void
look_up(struct internal *internal, struct running *running)
{
	(void)internal;
	target_lookup(running, found);
}

static bool
want_page(struct internal *internal, struct child *child)
{
	return printing_want(internal->superd->internals->printings, child);
}

static const struct notices_to to = { join, part, look_up, want_page };

static void
release(struct internal *internal)
{
	if (internal->released)
		waiters_release(internal->superd);
	internal->released = false;
}

static void
hear(struct internal *internal)
{
	if (!internal->broken && !notices_read(internal, &to))
		kill_broken(internal);
	release(internal);
}

static void
knocked(void *arg)
{
	struct internal *internal = arg;
	char knocks[256];

	/* of one that is gone, nothing but its end comes any more */
	if (read(internal->knock, knocks, sizeof(knocks)) == 0)
		loop_unwatch(internal->superd->loop, internal->knock);
	hear(internal);
}

void
internals_hear(struct superd *superd)
{
	struct internal *internal;

	TAILQ_FOREACH (internal, &superd->internals->list, entry)
		hear(internal);
}

static void
close_channel(struct internal *internal)
{
	struct internals *internals = internal->superd->internals;

	internal_process_close(internal);
	if (internals->now == internal)
		internals->now = NULL;
}

/* One that has ended, or closed it, would be counted with what it serves for
 * as long as it likes. */
static void
channel_ready(void *arg)
{
	struct internal *internal = arg;

	enum returned_result result = returning_read(internal, &to);

	if (result == RETURNED_BROKEN)
		kill_broken(internal);
	else if (result == RETURNED_ENDED)
		kill(internal->pid, SIGKILL);
	if (result != RETURNED_NONE)
		close_channel(internal);
	release(internal);
}

/* Starting. */

static bool
slot_is_used(struct internals *internals, unsigned slot)
{
	struct internal *internal;

	TAILQ_FOREACH (internal, &internals->list, entry)
		if (internal->slot == slot)
			return true;
	return false;
}

/* 0: there are too many. */
static unsigned
new_slot(struct internals *internals)
{
	for (unsigned i = 1; i <= SLOTS; i++) {
		unsigned slot = (internals->last_slot + i - 1) % SLOTS + 1;

		if (slot_is_used(internals, slot))
			continue;
		internals->last_slot = slot;
		return slot;
	}
	return 0;
}

/* It reads no file: not even whether that has changed. */
static void
look_at_zone(struct stat *zone)
{
	memset(zone, 0, sizeof(*zone));
	stat("/etc/localtime", zone);
}

static void hung(void *);
static void ended(void *, int status);
static void failed(void *, const struct spawn_report *);

/* NULL: there can be none now. */
static struct internal *
start(struct superd *superd)
{
	struct internals *internals = superd->internals;
	const struct internal_hooks hooks = { internals->patience, knocked,
		channel_ready, hung, ended, failed };
	unsigned slot = new_slot(internals);
	struct internal *internal;

	if (slot == 0)
		return NULL;
	internal = internal_process_start(superd, slot, &hooks);
	if (internal == NULL)
		return NULL;
	log_debug("%s pid=%d", internal->title, (int)internal->pid);
	TAILQ_INSERT_TAIL(&internals->list, internal, entry);
	internals->now = internal;
	superd->elsewhere_changed = false;
	internals->client_bits = superd->client_bits;
	internals->most = superd->pools[PLACE_CONNECTION].max;
	internals->talks = superd->pools[PLACE_TALK].max;
	look_at_zone(&internals->zone);
	return internal;
}

/* Settling. */

static void
retire(struct internal *internal)
{
	const struct order order = { .kind = ORDER_RETIRE };

	if (internal == NULL || internal->retired)
		return;
	internal->retired = true;
	/* whoever cannot be told that would go on to listen */
	if (!internal_post(internal, &order, -1))
		kill(internal->pid, SIGKILL);
	/* whoever comes once this is done is not its client, though it has not
	 * read that yet */
	ring_close(internal->ring);
	if (internal->superd->internals->now == internal)
		internal->superd->internals->now = NULL;
}

static bool
is_outdated(struct internals *internals)
{
	const struct superd *superd = internals->superd;
	struct stat zone;

	look_at_zone(&zone);
	return superd->elsewhere_changed || internals->now == NULL ||
	    memcmp(&internals->client_bits, &superd->client_bits,
		sizeof(superd->client_bits)) != 0 ||
	    internals->most != superd->pools[PLACE_CONNECTION].max ||
	    internals->talks != superd->pools[PLACE_TALK].max ||
	    internals->zone.st_ino != zone.st_ino ||
	    internals->zone.st_mtime != zone.st_mtime;
}

/* Nobody serves them now. */
static void
show_pause(struct superd *superd)
{
	struct running *running;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		for (size_t i = 0;
		     running->elsewhere && i < running->nlisteners; i++)
			running->listeners[i]->told = BLOCK_WORKER;
}

static void
wait_and_start(struct internals *internals)
{
	loop_timer_set(internals->superd->loop, &internals->pause,
	    backoff(internals->deaths, PAUSE_FIRST, PAUSE_MOST));
	show_pause(internals->superd);
}

void
internals_settle(struct superd *superd)
{
	struct internals *internals = superd->internals;
	struct internal *before = internals->now;

	if (superd->stopping || !is_outdated(internals))
		return;
	loop_timer_stop(superd->loop, &internals->pause);
	if (internal_count_services(superd) == 0) {
		superd->elsewhere_changed = false;
		internals->now = NULL;
	} else if (start(superd) == NULL) {
		/* the old one, if any, knows services as they were */
		wait_and_start(internals);
		return;
	}
	retire(before);
}

static void
start_again(void *arg)
{
	struct internals *internals = arg;

	internals_settle(internals->superd);
	waiters_release(internals->superd);
}

/* A service is forgotten: another one may have its place in memory. */
static void
forget(struct running *running)
{
	struct internal *internal;
	uint32_t number;

	TAILQ_FOREACH (internal, &running->superd->internals->list, entry)
		if (internal_number(internal, running, &number))
			internal->gone[number] = true;
}

/* The end. */

/* What it was given is lost, and a new one takes the listeners. */
static void
hung(void *arg)
{
	struct internal *internal = arg;
	struct internals *internals = internal->superd->internals;
	bool was_now = internals->now == internal;

	event_process_hung(internal->title, internal->pid,
	    internal->pulse.patience, internal->count);
	internal->hung = true;
	kill(internal->pid, SIGKILL);
	close_channel(internal);
	if (was_now)
		internals_settle(internal->superd);
}

/* As it was told to. */
static bool
ended_well(const struct internal *internal, int status)
{
	if (internal->superd->stopping && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGTERM)
		return true;
	return internal->retired && status == 0;
}

static void
failed(void *arg, const struct spawn_report *report)
{
	const struct internal *internal = arg;

	event_process_failed(internal->title, internal->pid,
	    spawn_step_name(report->step), report->error);
}

/* It may have done anything to them. */
static void
examine_listeners(const struct internal *internal)
{
	for (size_t i = 0; i < internal->nservices; i++) {
		struct running *running = internal->services[i];

		if (internal->gone[i] || !running->elsewhere)
			continue;
		for (size_t j = 0; j < running->nlisteners; j++)
			if (running->listeners[j]->fd >= 0)
				listener_examine(running->listeners[j]);
	}
}

static void
replace(struct internals *internals, const struct internal *dead)
{
	struct superd *superd = internals->superd;

	if (superd->stopping || internals->now != NULL)
		return;
	if (loop_clock() - dead->started >= SOON)
		internals->deaths = 0;
	if (internals->deaths++ == 0)
		internals_settle(superd);
	else
		wait_and_start(internals);
}

/* What it gave back before its end, which was heard of first. */
static void
take_last(struct internal *internal)
{
	int rounds = LAST;

	if (internal->broken || internal->channel < 0)
		return;
	while (rounds-- > 0 && returning_read(internal, &to) == RETURNED_NONE)
		continue;
}

static void
ended(void *arg, int status)
{
	struct internal *internal = arg;
	struct internals *internals = internal->superd->internals;
	bool well = ended_well(internal, status);
	struct child *child;

	if (!internal->broken)
		notices_read(internal, &to);
	take_last(internal);
	close_channel(internal);
	if (!internal->hung && !well)
		event_process_died(internal->title, internal->pid, status,
		    internal->count);
	while ((child = TAILQ_FIRST(&internal->connections)) != NULL) {
		part(internal, child);
		child_end(child, status);
	}
	TAILQ_REMOVE(&internals->list, internal, entry);
	if (!well) {
		examine_listeners(internal);
		replace(internals, internal);
	}
	internal_process_free(internal);
}

bool
internals_stop(struct superd *superd)
{
	struct internal *internal;
	bool listening = false;

	loop_timer_stop(superd->loop, &superd->internals->pause);
	TAILQ_FOREACH (internal, &superd->internals->list, entry) {
		retire(internal);
		hear(internal);
		listening |= internal->listening;
	}
	return !listening;
}

void
internals_free(struct internals *internals)
{
	struct internal *internal;

	if (internals == NULL)
		return;
	while ((internal = TAILQ_FIRST(&internals->list)) != NULL) {
		TAILQ_REMOVE(&internals->list, internal, entry);
		close_channel(internal);
		internal_process_free(internal);
	}
	printings_free(internals->printings);
	free(internals);
}
