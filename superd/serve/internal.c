/* The start, the end and the orders of internal processes. */
#include "superd/serve/internal.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/backoff.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/log/log.h"
#include "superd/policy/waiters.h"
#include "superd/running/child.h"
#include "superd/running/event.h"
#include "superd/running/inside.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/renew.h"
#include "superd/running/running_tree.h"
#include "superd/running/share.h"
#include "superd/running/tally.h"
#include "superd/serve/notices.h"
#include "superd/serve/post.h"
#include "superd/serve/premises.h"
#include "superd/serve/printing.h"
#include "superd/serve/returning.h"
#include "superd/serve/seats.h"
#include "superd/serve/serving.h"
#include "superd/serve/target_lookup.h"
#include "superd/spawn/spawn.h"

enum { PATIENCE = 3 /* seconds */ };

/* One that died SOON after its start has a fault perhaps, and the next one
 * waits. */
static const int64_t SOON = 10 * (int64_t)SECOND;
static const int64_t PAUSE_FIRST = SECOND / 10, PAUSE_MOST = SECOND;

struct internals {
	struct superd *superd;
	TAILQ_HEAD(processes, internal) list;
	struct seats seats;
	uint64_t generation; /* of what they know */
	struct premises premises;
	struct printings *printings;
	unsigned patience;
	uint32_t last_id; /* of connections that come from here */
};

static void forget(struct running *);

struct internals *
internals_new(struct superd *superd)
{
	struct internals *internals = xcalloc(1, sizeof(*internals));
	/* for tests, which do not want to wait so long */
	const char *patience = getenv("SUPERD_WORKER_PATIENCE");

	internals->superd = superd;
	superd->running_gone = forget;
	superd->cut = internal_cut;
	internals->printings = printings_new(superd, internals_hear);
	TAILQ_INIT(&internals->list);
	seats_init(&internals->seats);
	internals->patience = patience == NULL ?
	    PATIENCE :
	    (unsigned)atoi(patience);
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

/* Who serves it, as what it was at the last load; or NULL. */
static struct internal *
now(const struct running *running)
{
	return running->seat != NULL ? running->seat->now : NULL;
}

/* What happens to a connection of one is counted by whoever serves others of
 * the same service. */

static void
tell_started(const struct internal *but, const struct child *child)
{
	struct internal *internal;

	TAILQ_FOREACH (internal, &but->superd->internals->list, entry)
		if (internal != but)
			internal_post_about(internal, ORDER_STARTED,
			    child->running, child->hosted.id,
			    child_counted(child), -1);
}

static void
tell_ended(const struct internal *but, const struct child *child)
{
	struct internal *internal;

	TAILQ_FOREACH (internal, &but->superd->internals->list, entry)
		if (internal != but)
			internal_post_about(internal, ORDER_ENDED,
			    child->running, child->hosted.id, NULL, -1);
}

/* What one has given back may be what another waits for. */
void
internals_places_free(struct superd *superd)
{
	const struct order order = { .kind = ORDER_PLACES };
	struct internal *internal;

	TAILQ_FOREACH (internal, &superd->internals->list, entry)
		if (tally_wants(superd->tally, internal->slot))
			internal_post(internal, &order, -1);
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

/* Listeners. */

static void
post_listener(struct listener *listener, enum order_kind kind, int fd)
{
	const struct superd *superd = listener->running->superd;
	struct internal *internal = now(listener->running);
	struct order order = { .kind = kind, .listener = (uintptr_t)listener };

	if (superd->elsewhere_changed || internal == NULL ||
	    internal->generation != superd->internals->generation)
		return;
	if (internal_serves(internal, listener->running, &order.service) &&
	    internal_post(internal, &order, fd))
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
give(const struct connection *client, uint32_t *id)
{
	struct running *running = client->running;
	const struct addr *peer = connection_counted(client);
	struct internal *internal = now(running);
	struct order order = { .kind = ORDER_SERVE };

	errno = EAGAIN;
	if (internal == NULL ||
	    !internal_serves(internal, running, &order.service))
		return NULL;
	*id = order.id = new_id(running->superd);
	if (peer != NULL)
		order.addrs[order.naddrs++] = *peer;
	if (peer != NULL && client->local.len > 0)
		order.addrs[order.naddrs++] = client->local;
	return internal_post(internal, &order, client->fd) ? internal : NULL;
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
		return serving_begin(client);
	internal = give(client, &id);
	if (internal == NULL)
		return NULL;
	child = running_started(running, internal->pid, peer);
	child_accepted(child, client->fd);
	join(internal, child, id);
	return child;
}

/* It has a place since its asker was started, or needs one now. */
static bool
has_place(struct child *child)
{
	const struct addr *client = child_counted(child);

	if (!child->tallied && share_reserve(child->running, client))
		share_reserved(child->running, client, child);
	return child->tallied;
}

int
internal_resume(struct child *child)
{
	struct running *running = child->running;
	struct internal *internal;
	struct connection client;
	uint32_t id;

	if (running->place == PLACE_CONNECTION && !has_place(child)) {
		errno = EBUSY;
		return -1;
	}
	child_client(child, &client);
	internal = give(&client, &id);
	if (internal == NULL)
		return -1;
	if (child->tallied)
		share_hand_over(child, internal->slot);
	child_accepted(child, child->handed);
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
		if (internal_serves(internal, running, &order.service))
			internal_post(internal, &order, -1);
}

static void
look_up(struct internal *internal, struct running *running)
{
	(void)internal;
	target_lookup(running, found);
}

static bool
want_page(struct internal *internal, struct child *child, unsigned page)
{
	return printing_want(internal->superd->internals->printings, child,
	    page);
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
leave(const struct internal *internal)
{
	if (internal->seat->now == internal)
		internal->seat->now = NULL;
}

static void
close_channel(struct internal *internal)
{
	internal_process_close(internal);
	leave(internal);
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
	for (unsigned slot = 1; slot < TALLY_SLOTS; slot++)
		if (!slot_is_used(internals, slot))
			return slot;
	return 0;
}

static void hung(void *);
static void ended(void *, int status);
static void failed(void *, const struct spawn_report *);

/* NULL: there can be none now. */
static struct internal *
start(struct seat *seat)
{
	struct superd *superd = seat->superd;
	struct internals *internals = superd->internals;
	const struct internal_hooks hooks = { internals->patience, knocked,
		channel_ready, hung, ended, failed };
	unsigned slot = new_slot(internals);
	struct internal *internal;

	if (slot == 0)
		return NULL;
	tally_clear(superd->tally, slot);
	internal = internal_process_start(seat, slot, &hooks);
	if (internal == NULL)
		return NULL;
	log_debug("%s pid=%d", internal->title, (int)internal->pid);
	TAILQ_INSERT_TAIL(&internals->list, internal, entry);
	internal->generation = internals->generation;
	seat->now = internal;
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
	leave(internal);
}

static void
wait_and_start(struct seat *seat)
{
	loop_timer_set(seat->superd->loop, &seat->pause,
	    backoff(seat->deaths, PAUSE_FIRST, PAUSE_MOST));
	seat_show_pause(seat);
}

/* The process in a seat knows what is true now, or another one takes it. */
static void
settle(struct seat *seat)
{
	struct superd *superd = seat->superd;
	struct internal *before = seat->now;

	if (before != NULL && seat->services > 0 &&
	    before->generation == superd->internals->generation)
		return;
	loop_timer_stop(superd->loop, &seat->pause);
	if (seat->services == 0)
		seat->now = NULL;
	else if (start(seat) == NULL) {
		/* the old one, if any, knows services as they were */
		wait_and_start(seat);
		return;
	}
	retire(before);
}

static void
start_again(void *arg)
{
	struct seat *seat = arg;

	if (!seat->superd->stopping)
		settle(seat);
	waiters_release(seat->superd);
}

/* Those of before are outdated. */
static void
learn(struct internals *internals)
{
	struct superd *superd = internals->superd;

	internals->generation++;
	seats_assign(superd, &internals->seats, start_again);
	premises_take(&internals->premises, superd);
	superd->elsewhere_changed = false;
}

void
internals_settle(struct superd *superd)
{
	struct internals *internals = superd->internals;
	struct seat *seat;

	if (superd->stopping)
		return;
	if (superd->elsewhere_changed ||
	    !premises_hold(&internals->premises, superd))
		learn(internals);
	TAILQ_FOREACH (seat, &internals->seats.list, entry)
		settle(seat);
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
	bool was_now = internal->seat->now == internal;

	event_process_hung(internal->title, internal->pid,
	    internal->pulse.patience, internal->count);
	internal->hung = true;
	kill(internal->pid, SIGKILL);
	close_channel(internal);
	if (was_now && !internal->superd->stopping)
		settle(internal->seat);
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

static void
replace(const struct internal *dead)
{
	struct seat *seat = dead->seat;

	if (dead->superd->stopping || seat->now != NULL || seat->services == 0)
		return;
	if (loop_clock() - dead->started >= SOON)
		seat->deaths = 0;
	if (seat->deaths++ == 0)
		settle(seat);
	else
		wait_and_start(seat);
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
	returning_read_last(internal, &to);
	close_channel(internal);
	if (!internal->hung && !well)
		event_process_died(internal->title, internal->pid, status,
		    internal->count);
	while ((child = TAILQ_FIRST(&internal->connections)) != NULL) {
		part(internal, child);
		child_end(child, status);
	}
	TAILQ_REMOVE(&internals->list, internal, entry);
	tally_clear(internals->superd->tally, internal->slot);
	if (!well) {
		internal_process_examine(internal);
		replace(internal);
	}
	internal_process_free(internal);
}

bool
internals_stop(struct superd *superd)
{
	struct internal *internal;
	struct seat *seat;
	bool listening = false;

	TAILQ_FOREACH (seat, &superd->internals->seats.list, entry)
		loop_timer_stop(superd->loop, &seat->pause);
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
	seats_free(&internals->seats);
	free(internals);
}
