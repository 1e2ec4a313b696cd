/* Services as they run. */
#include "superd/running/running.h"

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "services/services.h"
#include "superd/log/sink.h"
#include "superd/running/blocked.h"
#include "superd/running/line.h"
#include "superd/running/listener.h"
#include "superd/running/override.h"
#include "superd/running/records.h"
#include "superd/running/running_more.h"
#include "superd/running/running_tree.h"
#include "superd/running/service_log.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"
#include "superd/running/stderr_pipe.h"
#include "superd/running/way.h"
#include "superd/spawn/command.h"

/* After the longest pause there is a client, whatever the rate says. */
static void
rate_over(void *arg)
{
	struct running *running = arg;

	bucket_grant(&running->starts, &running->service->limits.rate,
	    loop_now(running->superd->loop));
	running_unblock(running, BLOCK_RATE);
	/* clients of proxies were accepted before it was known */
	if (running->line != NULL)
		waiters_soon(running->superd);
}

int
running_show_rate(struct running *running, int64_t delay)
{
	struct running_more *more = running_more_get(running);

	if (more == NULL)
		return -1;
	loop_timer_init(&more->rate_timer, rate_over, running);
	loop_timer_set(running->superd->loop, &more->rate_timer, delay);
	return 0;
}

int
running_pause_rate(struct running *running, int64_t delay)
{
	if (running_show_rate(running, delay) != 0)
		return -1;
	running_block(running, BLOCK_RATE);
	return 0;
}

static void
stop_rate_timer(struct running *running)
{
	if (running->more != NULL)
		loop_timer_stop(running->superd->loop,
		    &running->more->rate_timer);
}

struct running *
running_get(struct superd *superd, const char *id)
{
	struct running *running = running_find(superd, id);

	if (running != NULL)
		return running;
	running = xcalloc(1, sizeof(*running));
	running->superd = superd;
	running->id = id;
	running->removed = true;
	running->place = PLACES;
	running_tree_insert(superd, running);
	return running;
}

static void
free_id(struct running *running)
{
	if (running->owns_id)
		free((void *)(uintptr_t)running->id);
	running->owns_id = false;
}

/* Its definition has it too. */
static void
take_id(struct running *running)
{
	free_id(running);
	running->id = running->service->id;
}

/* ... and goes before it does. */
static void
keep_id(struct running *running)
{
	if (running->owns_id)
		return;
	running->id = xstrdup(running->id);
	running->owns_id = true;
}

/* Is there something about it that an internal process knows? */
static bool
is_known_elsewhere(const struct running *running)
{
	return running->way != NULL &&
	    (running->way->elsewhere != NULL ||
		running->service->mux != MUX_NONE);
}

/* ... as it was. */
static void
change(struct running *running, const struct service *service,
    const struct way *way)
{
	struct superd *superd = running->superd;

	superd->elsewhere_changed |= is_known_elsewhere(running);
	running->service = service;
	running->way = way;
	superd->elsewhere_changed |= is_known_elsewhere(running);
}

/* Limits may be wider now: whoever still is above them stops by itself. */
static void
lift_limits(struct running *running)
{
	stop_rate_timer(running);
	running_unblock(running, BLOCK_RATE | BLOCK_INSTANCES | BLOCK_WORKER);
}

void
running_limits_changed(struct running *running)
{
	if (running->elsewhere)
		running->superd->elsewhere_changed = true;
	lift_limits(running);
}

void
running_overrides_end(struct superd *superd)
{
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (override_end(running))
			running_limits_changed(running);
}

void
running_define(struct running *running, const struct service *service,
    const struct way *way)
{
	change(running, service, way);
	override_forget(running);
	running->elsewhere = way->elsewhere != NULL && way->elsewhere(service);
	command_unref(running->prepared);
	running->prepared = NULL;
	running->handler = NULL;
	take_id(running);
	running->removed = running->stale = false;
	if (service->internal != NULL)
		running->handler = handler_find(service->internal);
	else if (service->redirect.host == NULL)
		running->prepared = command_new(&running->superd->generations,
		    &service->command);
	share_define(running);
	service_log_define(running);
	stderr_define(running);
	lift_limits(running);
}

void
running_keep(struct running *running, const struct service *service)
{
	if (override_end(running))
		running_limits_changed(running);
	for (size_t i = 0; i < running->nlisteners; i++)
		listener_follow(running->listeners[i], service);
	running->service = service;
	take_id(running);
	running->stale = false;
	if (running->prepared != NULL)
		running->prepared = command_move(&running->superd->generations,
		    running->prepared, &service->command);
}

static void
running_free(struct running *running)
{
	struct superd *superd = running->superd;

	running_tree_remove(superd, running);
	if (superd->running_gone != NULL)
		superd->running_gone(running);
	stop_rate_timer(running);
	sources_drop_owner(superd->sources, running);
	command_unref(running->prepared);
	stderr_leave(running);
	sink_unref(running->sink);
	free(running->counters.refused);
	free(running->more);
	if (running->listeners != &running->listener)
		free(running->listeners);
	free_id(running);
	free(running);
}

static void
free_if_over(struct running *running)
{
	if (running->removed && running->children == 0 &&
	    running->nlisteners == 0)
		running_free(running);
}

/* For one more. */
static void
make_room(struct running *running)
{
	struct listener **own = running->listeners;
	size_t count = running->nlisteners;

	if (own == NULL)
		running->listeners = &running->listener;
	if (count == 0)
		return;
	if (own == &running->listener)
		own = NULL;
	running->listeners = xreallocarray(own, count + 1, sizeof(*own));
	if (own == NULL)
		running->listeners[0] = running->listener;
}

void
running_add_listener(struct running *running, struct listener *listener)
{
	make_room(running);
	running->listeners[running->nlisteners++] = listener;
	listener->running = running;
}

void
running_take_listener(struct running *running, struct listener *listener)
{
	for (size_t i = 0; i < running->nlisteners; i++) {
		if (running->listeners[i] != listener)
			continue;
		running
		    ->listeners[i] = running->listeners[--running->nlisteners];
		return;
	}
}

void
running_listener_idle(struct listener *listener)
{
	struct running *running = listener->running;

	running_take_listener(running, listener);
	listener_free(listener);
	/* one that took its place may have waited for its port */
	for (size_t i = 0; i < running->nlisteners; i++)
		listener_retry_now(running->listeners[i]);
	free_if_over(running);
}

void
running_check_devices(void *arg)
{
	for (struct running *running = running_first(arg); running != NULL;
	     running = running_next(running))
		for (size_t i = 0; i < running->nlisteners; i++)
			listener_check_device(running->listeners[i]);
}

void
running_remove(struct running *running)
{
	change(running, NULL, NULL);
	override_forget(running);
	running->elsewhere = false;
	keep_id(running);
	running->removed = true;
	running->closed = CLOSED_NOT;
	running->handler = NULL;
	command_unref(running->prepared);
	running->prepared = NULL;
	share_undefine(running);
	lines_drop(running);
	stop_rate_timer(running);
	for (size_t i = running->nlisteners; i-- > 0;) {
		struct listener *listener = running->listeners[i];

		if (listener->server != NULL) {
			listener_own_endpoint(listener);
			continue;
		}
		running_take_listener(running, listener);
		listener_free(listener);
	}
	free_if_over(running);
}

void
running_child_gone(struct running *running)
{
	if (running->removed)
		free_if_over(running);
	else
		running_unblock(running, BLOCK_INSTANCES);
}

const char *
running_state(const struct running *running)
{
	const char *worst = "listening";
	size_t failed = 0;

	if (running->removed)
		return "removed";
	for (size_t i = 0; i < running->nlisteners; i++) {
		const char *state = listener_state(running->listeners[i]);

		if (strcmp(state, "failed") == 0)
			failed++;
		else if (strcmp(state, "listening") != 0 &&
		    strcmp(state, "absent") != 0)
			worst = state;
	}
	if (failed > 0)
		return "failed";
	if (running->closed != CLOSED_NOT)
		return closed_name(running->closed);
	return running->stale ? "stale" : worst;
}

static void
count_sockets(const struct running *running, struct running_count *count)
{
	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];
		bool bound = listener->fd >= 0;

		count->bound += bound;
		count->sockets += bound ||
		    (!listener->endpoint->optional &&
			(listener->blocked & BLOCK_CLOSED) == 0);
	}
}

/* What could not even be tried has no running service. */
static size_t
count_unservable(const struct superd *superd)
{
	const struct conf *conf = superd->conf;
	size_t count = 0;

	for (size_t i = 0; i < conf->count; i++)
		count += conf->services[i]->unservable &&
		    !conf->services[i]->disabled &&
		    running_find(superd, conf->services[i]->id) == NULL;
	return count;
}

void
running_count(const struct superd *superd, struct running_count *count)
{
	memset(count, 0, sizeof(*count));
	count->services = count->failed = count_unservable(superd);
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		if (running->removed)
			continue;
		count->services++;
		count->failed += strcmp(running_state(running), "failed") == 0;
		count_sockets(running, count);
	}
}
