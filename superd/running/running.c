/* Services as they run. */
#include "superd/running/running.h"

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/log/sink.h"
#include "superd/running/blocked.h"
#include "superd/running/line.h"
#include "superd/running/listener.h"
#include "superd/running/running_tree.h"
#include "superd/running/service_log.h"
#include "superd/running/share.h"
#include "superd/running/stderr_pipe.h"
#include "superd/running/way.h"
#include "superd/spawn/command.h"

/* After the longest pause there is a client, whatever the rate says. */
static void
rate_over(void *arg)
{
	struct live *live = arg;

	bucket_grant(&live->starts, &live->service->limits.rate,
	    loop_now(live->superd->loop));
	live_unblock(live, BLOCK_RATE);
}

struct live *
live_get(struct superd *superd, const char *id)
{
	struct live *live = live_find(superd, id);

	if (live != NULL)
		return live;
	live = xcalloc(1, sizeof(*live));
	live->superd = superd;
	live->id = xstrdup(id);
	live->removed = true;
	live->place = PLACES;
	live->rate_timer.fn = rate_over;
	live->rate_timer.arg = live;
	lives_insert(superd, live);
	return live;
}

static void
retire(struct live *live)
{
	if (live->way != NULL)
		live->way->retire(live);
	live->way = NULL;
}

/* Limits may be wider now: whoever still is above them stops by itself. */
static void
lift_limits(struct live *live)
{
	loop_timer_stop(live->superd->loop, &live->rate_timer);
	live_unblock(live, BLOCK_RATE | BLOCK_INSTANCES | BLOCK_WORKER);
}

void
live_define(struct live *live, const struct service *service,
    const struct way *way)
{
	retire(live);
	live->way = way;
	image_unref(live->image);
	live->image = NULL;
	live->handler = NULL;
	live->service = service;
	live->removed = live->stale = false;
	if (service->internal != NULL)
		live->handler = handler_find(service->internal);
	else if (service->redirect.host == NULL)
		live->image = image_new(&live->superd->generations, &service->command);
	share_define(live);
	service_log_define(live);
	errout_define(live);
	lift_limits(live);
}

void
live_keep(struct live *live, const struct service *service)
{
	live->service = service;
	live->stale = false;
	if (live->image != NULL)
		live->image = image_move(&live->superd->generations, live->image,
		    &service->command);
}

static void
live_free(struct live *live)
{
	struct superd *superd = live->superd;

	lives_remove(superd, live);
	retire(live);
	loop_timer_stop(superd->loop, &live->rate_timer);
	sources_drop_owner(superd->sources, live);
	image_unref(live->image);
	errout_leave(live);
	sink_unref(live->sink);
	free(live->counters.refused);
	free(live->listeners);
	free(live->id);
	free(live);
}

static void
free_if_over(struct live *live)
{
	if (live->removed && live->children == 0 && live->nlisteners == 0)
		live_free(live);
}

void
live_add_listener(struct live *live, struct listener *listener)
{
	live->listeners = xreallocarray(live->listeners, live->nlisteners + 1,
	    sizeof(*live->listeners));
	live->listeners[live->nlisteners++] = listener;
	listener->live = live;
}

void
live_take_listener(struct live *live, struct listener *listener)
{
	for (size_t i = 0; i < live->nlisteners; i++) {
		if (live->listeners[i] != listener)
			continue;
		live->listeners[i] = live->listeners[--live->nlisteners];
		return;
	}
}

void
live_listener_idle(struct listener *listener)
{
	struct live *live = listener->live;

	live_take_listener(live, listener);
	listener_free(listener);
	/* one that took its place may have waited for its port */
	for (size_t i = 0; i < live->nlisteners; i++)
		listener_retry_now(live->listeners[i]);
	free_if_over(live);
}

void
lives_check_devices(void *arg)
{
	for (struct live *live = live_first(arg); live != NULL;
	     live = live_next(live))
		for (size_t i = 0; i < live->nlisteners; i++)
			listener_check_device(live->listeners[i]);
}

void
live_remove(struct live *live)
{
	retire(live);
	live->removed = true;
	live->service = NULL;
	live->handler = NULL;
	image_unref(live->image);
	live->image = NULL;
	share_undefine(live);
	lines_drop(live);
	loop_timer_stop(live->superd->loop, &live->rate_timer);
	for (size_t i = live->nlisteners; i-- > 0;) {
		struct listener *listener = live->listeners[i];

		if (listener->server != NULL)
			continue;
		live_take_listener(live, listener);
		listener_free(listener);
	}
	free_if_over(live);
}

void
live_child_gone(struct live *live)
{
	if (live->removed)
		free_if_over(live);
	else
		live_unblock(live, BLOCK_INSTANCES);
}

const char *
live_state(const struct live *live)
{
	const char *worst = "listening";
	size_t failed = 0;

	if (live->removed)
		return "removed";
	for (size_t i = 0; i < live->nlisteners; i++) {
		const char *state = listener_state(live->listeners[i]);

		if (strcmp(state, "failed") == 0)
			failed++;
		else if (strcmp(state, "listening") != 0 &&
		    strcmp(state, "absent") != 0)
			worst = state;
	}
	if (failed > 0)
		return "failed";
	return live->stale ? "stale" : worst;
}

static void
count_sockets(const struct live *live, struct lives_count *count)
{
	for (size_t i = 0; i < live->nlisteners; i++) {
		const struct listener *listener = live->listeners[i];
		bool bound = listener->fd >= 0;

		count->bound += bound;
		count->sockets += bound || !listener->endpoint.optional;
	}
}

/* What could not even be tried has no live. */
static size_t
count_unservable(struct superd *superd)
{
	const struct conf *conf = superd->conf;
	size_t count = 0;

	for (size_t i = 0; i < conf->count; i++)
		count += conf->services[i]->unservable &&
		    !conf->services[i]->disabled &&
		    live_find(superd, conf->services[i]->id) == NULL;
	return count;
}

void
lives_count(struct superd *superd, struct lives_count *count)
{
	memset(count, 0, sizeof(*count));
	count->services = count->failed = count_unservable(superd);
	for (struct live *live = live_first(superd); live != NULL;
	     live = live_next(live)) {
		if (live->removed)
			continue;
		count->services++;
		count->failed += strcmp(live_state(live), "failed") == 0;
		count_sockets(live, count);
	}
}
