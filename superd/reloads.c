/* Requests for a load, one load after the other. */
#include "superd/reloads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"
#include "superd/base/backoff.h"
#include "superd/base/clock.h"
#include "superd/base/generation.h"
#include "superd/base/notify.h"
#include "superd/control/facts.h"
#include "superd/load.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"

enum { RETRY_FIRST = 5 * SECOND, RETRY_MAX = MINUTE };

TAILQ_HEAD(requests, reload_request);

struct reloads {
	struct superd *superd;
	struct loader *loader;
	struct load load;
	struct requests waiting;
	struct requests served; /* by the load that runs */
	struct loop_timer start;
	/* SIGHUP: one that is served, and one that came meanwhile */
	struct reload_request signals[2];
	bool announced;		 /* RELOADING=1 was sent, READY not */
	struct loop_timer retry; /* for entries that may come right */
	unsigned tries;
	bool retrying; /* the load that runs is for these */
};

static void load_done(void *, struct loaded *);

/* Asking. */

static void
start_soon(struct reloads *reloads)
{
	loop_timer_set(reloads->superd->loop, &reloads->start, 0);
}

void
reload_ask(struct superd *superd, struct reload_request *request)
{
	struct reloads *reloads = superd->reloads_asked;

	request->asked = true;
	TAILQ_INSERT_TAIL(&reloads->waiting, request, entry);
	start_soon(reloads);
}

static struct requests *
queue_of(struct reloads *reloads, const struct reload_request *request)
{
	const struct reload_request *one;

	TAILQ_FOREACH (one, &reloads->waiting, entry)
		if (one == request)
			return &reloads->waiting;
	return &reloads->served;
}

void
reload_forget(struct superd *superd, struct reload_request *request)
{
	if (!request->asked)
		return;
	request->asked = false;
	TAILQ_REMOVE(queue_of(superd->reloads_asked, request), request, entry);
}

/* Every request of the same kind is served by one load. */
static void
take_waiting(struct reloads *reloads)
{
	struct reload_request *first = TAILQ_FIRST(&reloads->waiting);
	struct reload_request *request, *next;

	for (request = first; request != NULL; request = next) {
		next = TAILQ_NEXT(request, entry);
		if (request->manner.dry_run != first->manner.dry_run)
			continue;
		TAILQ_REMOVE(&reloads->waiting, request, entry);
		TAILQ_INSERT_TAIL(&reloads->served, request, entry);
	}
}

static void
answer(struct requests *requests, const struct reload_result *result)
{
	struct reload_request *request;

	while ((request = TAILQ_FIRST(requests)) != NULL) {
		TAILQ_REMOVE(requests, request, entry);
		request->asked = false;
		request->done(request->arg, result);
	}
}

/* Loading. */

static int
start_load(struct reloads *reloads)
{
	const struct globals *globals = &reloads->superd->conf->globals;
	struct loader_job job = { .memory = (size_t)globals->load_memory,
		.seconds = globals->load_timeout,
		.build = load_build,
		.tell = load_tell,
		.arg = &reloads->load };

	return loader_start(reloads->loader, &job);
}

/* As many requests as there are for the same are served by the next load. */
static void
start_next(void *arg)
{
	struct reloads *reloads = arg;
	struct superd *superd = reloads->superd;
	bool first = superd->conf == generation_none();
	struct loaded failed = { .region = { .fd = -1 } };

	if (superd->stopping) {
		reloads_stop(superd);
		return;
	}
	if (reloads->retrying && !TAILQ_EMPTY(&reloads->waiting)) {
		loader_cancel(reloads->loader);
		reloads->retrying = false;
	}
	if (loader_running(reloads->loader) || TAILQ_EMPTY(&reloads->waiting) ||
	    (!superd->ready && !first))
		return;
	take_waiting(reloads);
	if (start_load(reloads) == 0)
		return;
	strncpy(failed.reason, strerror(errno), sizeof(failed.reason) - 1);
	load_done(reloads, &failed);
}

/* Entries that may come right by themselves are looked at again. */
static void
schedule_retry(struct reloads *reloads)
{
	struct superd *superd = reloads->superd;

	if (superd->reload_counts.unservable == 0) {
		reloads->tries = 0;
		loop_timer_stop(superd->loop, &reloads->retry);
		return;
	}
	loop_timer_set(superd->loop, &reloads->retry,
	    backoff(reloads->tries++, RETRY_FIRST, RETRY_MAX));
}

/* What becomes of a load; its memory is gone afterwards, or kept.  Was it
 * applied? */
static bool
use(struct reloads *reloads, const struct reload_manner *manner,
    struct loaded *loaded)
{
	struct superd *superd = reloads->superd;
	struct reload_result result;

	reload_use(superd, manner, loaded, &result);
	if (result.applied)
		schedule_retry(reloads);
	if (superd->ready && !manner->dry_run)
		reload_log(superd, &result);
	answer(&reloads->served, &result);
	reload_result_free(&result);
	if (result.applied)
		generation_settled(&superd->generations);
	region_free(&loaded->region);
	return result.applied;
}

/*
 * Trying again by itself.  What was loaded is used only if there are fewer
 * obstacles, and if nobody has edited the files since: what is being written
 * is not ours to apply.
 */

static void
announce_reload(struct reloads *reloads)
{
	if (!reloads->announced)
		notify_reloading();
	reloads->announced = true;
}

static void
announce_ready(struct reloads *reloads, bool applied)
{
	char text[80];

	reloads->announced = false;
	notify_send("READY=1\nSTATUS=%s%s",
	    superd_summary(reloads->superd, text, sizeof(text)),
	    applied ? "" : ", the last reload was refused");
}

static bool
is_better(const struct superd *superd, const struct loaded *loaded)
{
	const struct conf *conf = loaded->built;
	const struct load_told *told = loaded->told;

	return conf != NULL && conf->stamp == superd->conf->stamp &&
	    told->retries < superd->reload_counts.unservable;
}

static void
retry_done(struct reloads *reloads, struct loaded *loaded)
{
	const struct reload_manner manner = { .dry_run = false };
	bool applied;

	reloads->retrying = false;
	if (!is_better(reloads->superd, loaded)) {
		region_free(&loaded->region);
		schedule_retry(reloads);
		return;
	}
	announce_reload(reloads);
	applied = use(reloads, &manner, loaded);
	announce_ready(reloads, applied);
	if (!applied)
		schedule_retry(reloads);
}

static void
retry(void *arg)
{
	struct reloads *reloads = arg;

	if (!reloads->superd->ready || loader_running(reloads->loader) ||
	    start_load(reloads) != 0)
		schedule_retry(reloads);
	else
		reloads->retrying = true;
}

static void
load_done(void *arg, struct loaded *loaded)
{
	struct reloads *reloads = arg;
	const struct reload_request *request;

	request = TAILQ_FIRST(&reloads->served);
	if (reloads->retrying)
		retry_done(reloads, loaded);
	else if (request != NULL) {
		const struct reload_manner manner = request->manner;

		use(reloads, &manner, loaded);
	} else
		region_free(&loaded->region);
	if (!TAILQ_EMPTY(&reloads->waiting))
		start_soon(reloads);
}

/* Signals. */

static void
signal_done(void *arg, const struct reload_result *result)
{
	struct reloads *reloads = arg;

	/* the start tells itself, and the next one has been announced */
	if (reloads->superd->ready && !reloads->signals[0].asked &&
	    !reloads->signals[1].asked)
		announce_ready(reloads, result->applied);
}

static bool
is_waiting(struct reloads *reloads, const struct reload_request *request)
{
	return request->asked &&
	    queue_of(reloads, request) == &reloads->waiting;
}

void
reload_on_signal(void *arg)
{
	struct superd *superd = arg;
	struct reloads *reloads = superd->reloads_asked;
	struct reload_request *signals = reloads->signals;

	reloads->tries = 0;
	log_reopen();
	sinks_reopen(superd->sinks);
	if (superd->stopping)
		return;
	if (superd->ready)
		announce_reload(reloads);
	if (is_waiting(reloads, &signals[0]) ||
	    is_waiting(reloads, &signals[1]))
		return; /* it has not looked at a file yet */
	reload_ask(superd, &signals[signals[0].asked]);
}

/* Starting and stopping. */

struct reloads *
reloads_new(struct superd *superd)
{
	struct reloads *reloads = xcalloc(1, sizeof(*reloads));

	reloads->superd = superd;
	reloads->load.superd = superd;
	reloads->loader = loader_new(superd->loop, load_done, reloads);
	TAILQ_INIT(&reloads->waiting);
	TAILQ_INIT(&reloads->served);
	loop_timer_init(&reloads->start, start_next, reloads);
	loop_timer_init(&reloads->retry, retry, reloads);
	for (int i = 0; i < 2; i++) {
		reloads->signals[i].done = signal_done;
		reloads->signals[i].arg = reloads;
	}
	return reloads;
}

void
reloads_free(struct reloads *reloads)
{
	if (reloads == NULL)
		return;
	loop_timer_stop(reloads->superd->loop, &reloads->start);
	loop_timer_stop(reloads->superd->loop, &reloads->retry);
	loader_free(reloads->loader);
	free(reloads);
}

void
reloads_ready(struct superd *superd)
{
	struct reloads *reloads = superd->reloads_asked;

	if (reloads->signals[0].asked || reloads->signals[1].asked)
		announce_reload(reloads);
	start_soon(reloads);
}

bool
reloads_are_asked(const struct superd *superd)
{
	const struct reloads *reloads = superd->reloads_asked;

	return loader_running(reloads->loader) ||
	    !TAILQ_EMPTY(&reloads->waiting) || !TAILQ_EMPTY(&reloads->served);
}

void
reloads_stop(struct superd *superd)
{
	struct reloads *reloads = superd->reloads_asked;
	struct reload_result result;

	loader_cancel(reloads->loader);
	loop_timer_stop(superd->loop, &reloads->retry);
	reload_refuse(superd, "superd is shutting down", &result);
	answer(&reloads->served, &result);
	answer(&reloads->waiting, &result);
	reload_result_free(&result);
}
