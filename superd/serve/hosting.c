/* Hosts: what streams and tunnels ask for, and the loop that has it. */
#include "superd/serve/hosting.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "services/delivery.h"
#include "services/host.h"
#include "services/services.h"
#include "services/talks.h"
#include "services/tunnel.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/loop_many.h"
#include "superd/running/inside.h"
#include "superd/running/records.h"
#include "superd/serve/pages.h"
#include "superd/serve/redirect.h"
#include "superd/serve/tcpmux_way.h"

enum { ANSWER_MAX = 512 };

/* Who serves one kind of connections: those of one handler and one limit of
 * idleness, or of one service of another kind. */
struct trade {
	struct host host; /* the first: it is what they have */
	struct hosting *hosting;
	struct running *running; /* whose they are, or NULL */
	struct stream_plan plan; /* ... else */
	void *served;		 /* struct streams, tunnels, and so on */
	void (*begin)(void *served, uint32_t id, int fd);
	void (*cut)(void *served, uint32_t id);
	int (*round)(void *served);
	struct loop_timer timer;
	bool busy, shared;
	TAILQ_ENTRY(trade) turn; /* while it is busy */
	SLIST_ENTRY(trade) entry;
};

struct hosting {
	struct superd *superd;
	struct hosting_to to;
	SLIST_HEAD(trades, trade) trades;
	TAILQ_HEAD(turns, trade) busy;
	TAILQ_HEAD(newcomers, child) new;
};

struct hosting *
hosting_new(struct superd *superd, const struct hosting_to *to)
{
	struct hosting *hosting = xcalloc(1, sizeof(*hosting));

	hosting->superd = superd;
	hosting->to = *to;
	SLIST_INIT(&hosting->trades);
	TAILQ_INIT(&hosting->busy);
	TAILQ_INIT(&hosting->new);
	return hosting;
}

/* What a host does. */

static struct trade *
trade_of(struct host *host)
{
	return (struct trade *)host;
}

static int
watch(struct host *host, int fd, unsigned events, host_ready_fn *fn,
    void *owner)
{
	return loop_watch_events(trade_of(host)->hosting->superd->loop, fd,
	    events, fn, owner);
}

static int
rewatch(struct host *host, int fd, unsigned events)
{
	return loop_change_events(trade_of(host)->hosting->superd->loop, fd,
	    events);
}

static void
unwatch(struct host *host, int fd)
{
	const struct trade *trade = trade_of(host);
	struct loop *loop = trade->hosting->superd->loop;

	if (trade->shared)
		loop_unwatch(loop, fd);
	else
		loop_unwatch_closed(loop, fd);
}

static void
wake(struct host *host)
{
	struct trade *trade = trade_of(host);
	struct hosting *hosting = trade->hosting;

	if (trade->busy)
		return;
	trade->busy = true;
	host->now = loop_now(hosting->superd->loop) / MILLISECOND;
	TAILQ_INSERT_TAIL(&hosting->busy, trade, turn);
}

static void
over(struct host *host, const struct connection_end *end)
{
	const struct hosting *hosting = trade_of(host)->hosting;

	hosting->to.over(end);
}

static void
look_up(struct host *host)
{
	inside_look_up(trade_of(host)->running);
}

/* Answers: all of it at once, without waiting. */

static void
answer_begin(void *served, uint32_t id, int fd)
{
	struct trade *trade = served;
	const struct connection_end end = { .id = id };
	char bytes[ANSWER_MAX];
	size_t length = trade->plan.handler->answer(bytes, sizeof(bytes),
	    time(NULL));

	send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
	shutdown(fd, SHUT_WR);
	close_politely(fd);
	over(&trade->host, &end);
}

static void
answer_cut(void *served, uint32_t id)
{
	(void)served;
	(void)id;
}

static int
answer_round(void *served)
{
	(void)served;
	return -1;
}

/* Trades. */

static size_t
descriptors(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

static void
on_timer(void *arg)
{
	struct trade *trade = arg;

	wake(&trade->host);
}

static struct trade *
trade_new(struct hosting *hosting)
{
	struct trade *trade = calloc(1, sizeof(*trade));

	if (trade == NULL)
		return NULL;
	trade->hosting = hosting;
	trade->host = (struct host){ watch, rewatch, unwatch, wake, over,
		look_up, loop_now(hosting->superd->loop) / MILLISECOND,
		descriptors() / TUNNEL_DESCRIPTORS };
	loop_timer_init(&trade->timer, on_timer, trade);
	return trade;
}

/* To the target, as a proxy does. */
static size_t
introduce(void *arg, uint32_t id, int fd, uint8_t *buf)
{
	const struct trade *trade = arg;

	return redirect_introduce(children_connection(trade->hosting->superd
							  ->children,
				      id),
	    trade->running->service, fd, buf);
}

static void
set_tunnels(struct trade *trade, struct running *running)
{
	struct tunnel_plan plan;

	redirect_plan(running->service, &plan);
	if (redirect_introduces(running->service))
		plan.first = introduce;
	plan.arg = trade;
	trade->running = running;
	trade->served = tunnels_new(&trade->host, &plan);
	trade->begin = tunnels_begin;
	trade->cut = tunnels_cut;
	trade->round = tunnels_round;
}

static void
chosen(void *arg, uint32_t id, int fd, uint32_t service)
{
	const struct trade *trade = arg;

	trade->hosting->to.chosen(id, fd, service);
}

static void
set_talks(struct trade *trade, struct running *running)
{
	struct talks_plan plan = { .chosen = chosen,
		.close = close_politely,
		.arg = trade };

	trade->running = running;
	if (mux_directory(running->superd, &plan.directory))
		trade->served = talks_new(&trade->host, &plan);
	trade->begin = talks_begin;
	trade->cut = talks_cut;
	trade->round = talks_round;
}

static void
want_page(void *arg, uint32_t id, unsigned page)
{
	const struct trade *trade = arg;

	inside_want_page(children_connection(trade->hosting->superd->children,
			     id),
	    page);
}

static int
find_page(void *arg, const char *path)
{
	const struct trade *trade = arg;

	return page_find(trade->hosting->superd,
	    trade->running->service->internal, path);
}

static void
set_deliveries(struct trade *trade, struct running *running)
{
	const struct deliveries_plan plan = {
		.http = handler_is_web(running->service->internal),
		.find = find_page,
		.wanted = want_page,
		.close = close_politely,
		.arg = trade
	};

	trade->running = running;
	trade->served = deliveries_new(&trade->host, &plan);
	trade->begin = deliveries_begin;
	trade->cut = deliveries_cut;
	trade->round = deliveries_round;
}

/* Where there is no handler. */
static void
set_other(struct trade *trade, struct running *running)
{
	if (running->service->redirect.host != NULL)
		set_tunnels(trade, running);
	else if (mux_is_one(running->service))
		set_talks(trade, running);
	else
		set_deliveries(trade, running);
}

static void
set_streams(struct trade *trade, const struct stream_plan *plan)
{
	trade->plan = *plan;
	if (plan->handler->step == NULL) {
		trade->served = trade;
		trade->begin = answer_begin;
		trade->cut = answer_cut;
		trade->round = answer_round;
		return;
	}
	trade->served = streams_new(&trade->host, plan);
	trade->begin = streams_begin;
	trade->cut = streams_cut;
	trade->round = streams_round;
}

static struct trade *
find_streams(struct hosting *hosting, const struct stream_plan *plan)
{
	struct trade *trade;

	SLIST_FOREACH (trade, &hosting->trades, entry)
		if (trade->running == NULL &&
		    trade->plan.handler == plan->handler &&
		    trade->plan.idle == plan->idle)
			return trade;
	return NULL;
}

/* NULL: no memory. */
static struct trade *
trade_for(struct hosting *hosting, struct running *running)
{
	const struct stream_plan plan = { running->handler,
		running->service->limits.internal_idle };
	struct trade *trade = running->trade;

	if (trade == NULL && running->handler != NULL)
		trade = find_streams(hosting, &plan);
	if (trade == NULL) {
		trade = trade_new(hosting);
		if (trade == NULL)
			return NULL;
		if (running->handler != NULL)
			set_streams(trade, &plan);
		else
			set_other(trade, running);
		if (trade->served == NULL) {
			free(trade);
			return NULL;
		}
		SLIST_INSERT_HEAD(&hosting->trades, trade, entry);
	}
	running->trade = trade;
	return trade;
}

void
hosting_found(struct running *running, const struct addr *addrs, size_t count)
{
	struct tunnel_target targets[TUNNEL_TARGETS];

	if (running->trade == NULL || running->service->redirect.host == NULL)
		return;
	redirect_targets(addrs, count, targets);
	tunnels_found(running->trade->served, targets, count);
}

/* Rounds. */

void
hosting_add(struct hosting *hosting, struct child *child, bool shared)
{
	struct trade *trade = trade_for(hosting, child->running);

	if (trade != NULL)
		trade->shared |= shared;
	TAILQ_INSERT_TAIL(&hosting->new, child, hosted.queue);
}

static void
begin(struct hosting *hosting, struct child *child)
{
	struct trade *trade = child->running->trade;
	const struct connection_end lost = { .id = child->hosted.id,
		.error = ENOMEM };
	int fd = child->handed;

	child->handed = -1;
	if (trade == NULL) {
		close(fd);
		hosting->to.over(&lost);
		return;
	}
	/* splice(2) asks the socket, not its own flags */
	if (trade->shared)
		fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	wake(&trade->host);
	trade->begin(trade->served, child->hosted.id, fd);
}

static void
take_turn(struct trade *trade)
{
	struct loop *loop = trade->hosting->superd->loop;
	int left;

	trade->busy = false;
	left = trade->round(trade->served);
	/* one that comes too early finds the right time */
	if (left >= 0 &&
	    (!loop_timer_running(&trade->timer) ||
		trade->timer.at > loop_now(loop) + (int64_t)left * MILLISECOND))
		loop_timer_set(loop, &trade->timer,
		    (int64_t)left * MILLISECOND);
}

void
hosting_cut(const struct child *child)
{
	struct trade *trade = child->running->trade;

	if (trade == NULL || child->handed >= 0)
		return; /* about to begin */
	wake(&trade->host);
	trade->cut(trade->served, child->hosted.id);
}

void
hosting_page(const struct child *child, int file)
{
	struct trade *trade = child->running->trade;

	if (trade == NULL || trade->begin != deliveries_begin) {
		fd_drop(file);
		return;
	}
	wake(&trade->host);
	deliveries_found(trade->served, child->hosted.id, file);
}

void
hosting_round(struct hosting *hosting)
{
	struct child *child;
	struct trade *trade;

	while ((child = TAILQ_FIRST(&hosting->new)) != NULL) {
		TAILQ_REMOVE(&hosting->new, child, hosted.queue);
		begin(hosting, child);
	}
	while ((trade = TAILQ_FIRST(&hosting->busy)) != NULL) {
		TAILQ_REMOVE(&hosting->busy, trade, turn);
		take_turn(trade);
	}
}
