/* The life of an internal process. */
#include "superd/serve/serving.h"

#include <sys/resource.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "services/services.h"
#include "services/tcpmux.h"
#include "superd/base/clock.h"
#include "superd/base/confine.h"
#include "superd/base/descriptors.h"
#include "superd/base/loop_many.h"
#include "superd/base/message.h"
#include "superd/policy/waiters.h"
#include "superd/running/blocked.h"
#include "superd/running/child.h"
#include "superd/running/denylist.h"
#include "superd/running/inside.h"
#include "superd/running/line.h"
#include "superd/running/listener.h"
#include "superd/running/records.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"
#include "superd/running/tally.h"
#include "superd/running/waiting.h"
#include "superd/serve/accept.h"
#include "superd/serve/datagram.h"
#include "superd/serve/hosting.h"
#include "superd/serve/order.h"
#include "superd/serve/proxying.h"
#include "superd/serve/returned.h"
#include "superd/serve/told.h"
#include "superd/spawn/spawn.h"

/* Microseconds until there is another try to give a connection back. */
enum { AGAIN = 10 * MILLISECOND };
enum { ORDERS = 64, CHANNEL = STDIN_FILENO, POKE = SPAWN_BESIDE };

struct serving {
	const struct serving_start *start;
	struct superd *superd;
	struct inside *inside;
	struct hosting *hosting;
	pid_t pid;
	uint32_t last;
	size_t count; /* connections */
	/* Those that go back to the daemon, with the numbers of the services
	 * that they want. */
	TAILQ_HEAD(leaving, child) leaving;
	struct loop_timer again;
	struct loop_timer ask; /* for listeners that did not arrive */
	bool retired, released;
};

/* One for the process: ways know no more than their services. */
static struct serving serving;

/* Connections. */

static uint32_t
new_id(void)
{
	uint32_t slot = (uint32_t)serving.start->slot << SLOT_SHIFT, id;

	do {
		serving.last = (serving.last + 1) & ((1u << SLOT_SHIFT) - 1);
		id = slot | serving.last;
	} while (serving.last == 0 ||
	    children_connection(serving.superd->children, id) != NULL);
	return id;
}

static void
serve(struct child *child, int fd, uint32_t id, bool shared)
{
	child_connect(child, serving.start->self, serving.pid, id);
	child->handed = fd;
	serving.count++;
	hosting_add(serving.hosting, child, shared);
}

struct child *
serving_begin(const struct connection *client)
{
	struct child *child = running_counted(client->running, serving.pid,
	    connection_peer(client));

	if (client->told)
		child_told(child, client);
	serve(child, client->fd, new_id(), false);
	inside_started(child);
	return child;
}

static void
drop(struct child *child)
{
	serving.count--;
	serving.released = true;
	child_drop(child);
}

static void
over(const struct connection_end *end)
{
	struct child *child = children_connection(serving.superd->children,
	    end->id);

	/* who comes next waits until there is some */
	if (end->error == ENOMEM) {
		errno = ENOMEM;
		waiters_shortage(serving.superd, "memory");
	}
	inside_ended(child, end);
	drop(child);
}

/* Giving back. */

static void
chosen(uint32_t id, int fd, uint32_t service)
{
	struct child *child = children_connection(serving.superd->children, id);

	child->handed = fd;
	child->hosted.wanted = service;
	TAILQ_INSERT_TAIL(&serving.leaving, child, hosted.queue);
}

/* Nobody is left who could start a service. */
static void
refuse(struct child *child)
{
	const struct connection_end end = { .id = child->hosted.id };

	tcpmux_refuse(child->handed);
	close_politely(child->handed);
	child->handed = -1;
	over(&end);
}

/* With where its client has connected to, if a proxy has told that. */
static int
send_back(const struct child *child)
{
	struct wish wish = { .id = child->hosted.id,
		.service = child->hosted.wanted };

	if (child->told && !child->uncounted && child->local != NULL)
		told_of(&child->peer, child->local, &wish.told);
	return returned_send(CHANNEL, &wish, child->handed);
}

/* The daemon is to know of the connection before it gets it. */
static void
give_back(void *arg)
{
	struct child *child;

	(void)arg;
	while (!inside_is_behind(serving.inside) &&
	    (child = TAILQ_FIRST(&serving.leaving)) != NULL) {
		int result = send_back(child);

		if (result != 0 && message_comes_later(errno))
			break;
		TAILQ_REMOVE(&serving.leaving, child, hosted.queue);
		if (result != 0) {
			refuse(child);
			continue;
		}
		close(child->handed);
		child->handed = -1;
		drop(child);
	}
	if (!TAILQ_EMPTY(&serving.leaving))
		loop_timer_set(serving.superd->loop, &serving.again, AGAIN);
}

/* Orders. */

static struct running *
service_of(const struct order *order)
{
	return order->service < serving.start->nservices ?
	    serving.start->services[order->service] :
	    NULL;
}

/* It is the caller's from now on. */
static int
take_descriptor(struct received *received)
{
	int fd = received->fd;

	received->fd = -1;
	return fd;
}

static const struct addr *
peer_of(const struct order *order)
{
	return order->naddrs > 0 ? &order->addrs[0] : NULL;
}

/* The daemon is told that it has ended. */
static void
lose_connection(struct running *running, const struct order *order, int error)
{
	const struct connection_end lost = { .id = order->id, .error = error };
	const struct child none = { .running = running };

	inside_ended(&none, &lost);
	share_reserved(running, peer_of(order), NULL);
}

/* The address that a proxy has told, if one has. */
static void
tell_local(struct child *child, const struct order *order)
{
	const struct connection client = { .told = true,
		.local = order->naddrs > 1 ?
		    order->addrs[1] :
		    (struct addr){ .len = 0 } };

	if (order->naddrs > 1)
		child_told(child, &client);
}

static void
take_connection(struct running *running, struct received *received)
{
	const struct order *order = &received->order;
	struct child *child;

	if (received->fd < 0) {
		lose_connection(running, order, EMFILE);
		return;
	}
	if (!children_prepare(serving.superd->children)) {
		lose_connection(running, order, ENOMEM);
		return;
	}
	child = child_add(running, serving.pid, peer_of(order));
	tell_local(child, order);
	/* the daemon has taken the place here before it said so */
	share_reserved(running, peer_of(order), child);
	serve(child, take_descriptor(received), order->id, true);
}

static struct listener *
listener_of(const struct running *running, const struct order *order)
{
	for (size_t i = 0; i < running->nlisteners; i++)
		if ((uintptr_t)running->listeners[i] == order->listener)
			return running->listeners[i];
	return NULL;
}

static void
close_listener(struct listener *listener)
{
	if (listener->fd < 0)
		return;
	listener_block(listener, BLOCK_UNBOUND);
	close(listener->fd);
	listener->fd = -1;
}

/* Sockets that did not arrive: they are asked for until they do. */
static void
ask_again(void *arg)
{
	bool missing = false;

	(void)arg;
	for (size_t i = 0; i < serving.start->nservices; i++) {
		const struct running *running = serving.start->services[i];

		for (size_t j = 0; j < running->nlisteners; j++) {
			if (running->listeners[j]->error == 0)
				continue;
			inside_missing(running->listeners[j]);
			missing = true;
		}
	}
	if (missing && !serving.retired)
		loop_timer_set(serving.superd->loop, &serving.ask, SECOND);
}

static void
lose_listener(struct listener *listener)
{
	listener->error = EMFILE;
	inside_shortage(serving.inside, false, EMFILE);
	if (!loop_timer_running(&serving.ask))
		loop_timer_set(serving.superd->loop, &serving.ask, SECOND);
}

static void
take_listener(struct running *running, struct received *received)
{
	struct listener *listener = listener_of(running, &received->order);

	if (listener == NULL || serving.retired)
		return;
	close_listener(listener);
	listener->error = 0;
	if (received->lost)
		lose_listener(listener);
	if (received->fd < 0)
		return;
	listener->fd = fd_high(take_descriptor(received));
	listener_learn(listener->fd, listener);
	listener_unblock(listener, BLOCK_UNBOUND);
	datagrams_set_ports(serving.superd);
}

static void
count_elsewhere(struct running *running, const struct order *order)
{
	struct child *child;

	if (!children_prepare(serving.superd->children))
		return;
	child = child_add(running, serving.pid, peer_of(order));
	child_connect(child, serving.start->self, serving.pid, order->id);
}

static void
end_elsewhere(const struct order *order)
{
	struct child *child = children_connection(serving.superd->children,
	    order->id);

	if (child == NULL)
		return;
	child_drop(child);
	serving.released = true;
}

/* One of its own. */
static void
cut(const struct order *order)
{
	struct child *child = children_connection(serving.superd->children,
	    order->id);

	if (child != NULL && child->hosted.internal == serving.start->self)
		hosting_cut(child);
}

static void
take_page(struct received *received)
{
	struct child *child = children_connection(serving.superd->children,
	    received->order.id);

	if (child != NULL && child->hosted.internal == serving.start->self)
		hosting_page(child, take_descriptor(received));
}

static void
retire(void)
{
	if (serving.retired)
		return;
	serving.retired = true;
	tally_retire(serving.superd->tally);
	for (size_t i = 0; i < serving.start->nservices; i++) {
		struct running *running = serving.start->services[i];

		for (size_t j = 0; j < running->nlisteners; j++)
			close_listener(running->listeners[j]);
	}
	inside_say(serving.inside, NOTICE_RETIRED);
}

static void
obey_for_service(struct running *running, struct received *received)
{
	const struct order *order = &received->order;

	switch (order->kind) {
	case ORDER_SERVE:
		take_connection(running, received);
		break;
	case ORDER_LISTEN:
	case ORDER_UNLISTEN:
		take_listener(running, received);
		break;
	case ORDER_STARTED:
		count_elsewhere(running, order);
		break;
	case ORDER_FOUND:
		hosting_found(running, order->addrs, order->naddrs);
		break;
	default:
		break;
	}
}

static void
obey(struct received *received)
{
	const struct order *order = &received->order;
	struct superd *superd = serving.superd;

	switch (order->kind) {
	case ORDER_ENDED:
		end_elsewhere(order);
		break;
	case ORDER_PAGE:
		take_page(received);
		break;
	case ORDER_CUT:
		cut(order);
		break;
	case ORDER_PLACES:
		serving.released = true;
		break;
	case ORDER_DENY:
		denylist_add(superd->denylist, &order->denied, loop_clock());
		break;
	case ORDER_ALLOW:
		denylist_remove(superd->denylist, &order->denied.client);
		break;
	case ORDER_RETIRE:
		retire();
		break;
	default:
		if (service_of(order) != NULL)
			obey_for_service(service_of(order), received);
		break;
	}
}

/* False: there are no more, or the daemon has gone. */
static bool
read_order(void)
{
	struct received received;
	enum order_result result = order_read(CHANNEL, &received);

	if (result == ORDER_ONE) {
		obey(&received);
		if (received.fd >= 0)
			close(received.fd);
	}
	if (result != ORDER_CLOSED)
		return result != ORDER_NONE;
	loop_unwatch(serving.superd->loop, CHANNEL);
	inside_deaf(serving.inside);
	retire();
	return false;
}

static void
orders_ready(void *arg)
{
	(void)arg;
	for (int i = 0; i < ORDERS; i++)
		if (!read_order())
			return;
}

static void
poked(void *arg)
{
	char pokes[16];
	ssize_t n = read(POKE, pokes, sizeof(pokes));

	(void)arg;
	if (n > 0)
		inside_say(serving.inside, NOTICE_ALIVE);
	else if (n == 0)
		loop_unwatch(serving.superd->loop, POKE);
}

/* Rounds. */

/* Places are those of all processes: whoever waits here is woken for what
 * becomes free elsewhere. */
static void
say_whether_any_waits(void)
{
	const struct waiters *waiters = serving.superd->waiters;
	bool wants = waiters->connections > 0 ||
	    !TAILQ_EMPTY(&waiters->held[PLACE_CONNECTION]);

	if (tally_want(serving.superd->tally, wants))
		serving.released = true;
}

static void
catch_up(void)
{
	for (size_t i = 0; i < serving.start->nservices; i++)
		running_unblock(serving.start->services[i], BLOCK_WORKER);
}

static void
after_round(void *arg)
{
	struct superd *superd = serving.superd;

	(void)arg;
	do {
		hosting_round(serving.hosting);
		give_back(NULL);
		say_whether_any_waits();
		if (!serving.released)
			break;
		serving.released = false;
		waiters_release(superd);
	} while (serving.released);
	hosting_round(serving.hosting);
	if (inside_settle(serving.inside))
		catch_up();
	if (serving.retired && serving.count == 0 &&
	    superd->waiters->connections == 0 &&
	    proxying_is_idle(superd->proxying) &&
	    !inside_is_behind(serving.inside))
		loop_stop(superd->loop);
}

/* The start: what was the daemon's is forgotten. */

static void
take_service(struct running *running, size_t number, bool own)
{
	running->number = (uint32_t)number;
	running->line = NULL;
	running->trade = NULL;
	if (own && running->places[PLACE_CONNECTION] > 0)
		tally_hold(serving.superd->tally, 1);
	running->counters.accepted = running->counters.answered =
	    running->counters.datagrams = 0;
	for (size_t i = 0; i < running->nlisteners; i++) {
		struct listener *listener = running->listeners[i];

		if (!own || !running->elsewhere || listener->blocked != 0)
			listener->fd = -1;
		listener->blocked = 0;
		listener->error = 0;
		if (listener->fd < 0)
			listener->blocked = BLOCK_UNBOUND;
		if (listener->fd >= 0)
			listener_watch(listener);
	}
}

static void
forget_waiters(struct superd *superd)
{
	const struct waiter *waiter = superd->waiters->waiter;
	const struct line *line;

	TAILQ_FOREACH (line, &superd->waiters->lines, entry)
		if (line->source != NULL)
			line->source->line = NULL;
	waiters_free(superd);
	superd->waiters = waiters_new(superd, waiter);
}

static void
take_over(const struct serving_start *start)
{
	static const struct hosting_to to = { over, chosen };
	static const struct proxying_to known = { accept_told, catch_up,
		CHANNEL };
	struct superd *superd = start->superd;

	loop_restart(superd->loop);
	if (loop_for_many(superd->loop) != 0)
		abort();
	superd->inside = serving.inside = inside_new(superd, start->ring,
	    start->knock);
	serving.hosting = hosting_new(superd, &to);
	superd->proxying = proxying_new(superd, &known);
	TAILQ_INIT(&serving.leaving);
	loop_timer_init(&serving.again, give_back, NULL);
	loop_timer_init(&serving.ask, ask_again, NULL);
	forget_waiters(superd);
	tally_be(superd->tally, start->slot);
	for (size_t i = 0; i < start->nservices; i++)
		take_service(start->services[i], i, start->own[i]);
	loop_watch(superd->loop, CHANNEL, orders_ready, NULL);
	loop_watch(superd->loop, POKE, poked, NULL);
	loop_after_round(superd->loop, after_round, NULL);
}

/* As many descriptors as there may be: the limits are for children that are
 * programs. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void
serving_run(const void *arg)
{
	const struct serving_start *start = arg;

	serving = (struct serving){ .start = start,
		.superd = start->superd,
		.pid = getpid() };
	take_over(start);
	raise_limit();
	handlers_keep_zone();
	confine_serving();
	loop_run(start->superd->loop);
}
