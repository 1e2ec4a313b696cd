/*
 * Stopping, in two ways: once no other process listens any more, or once all
 * children have ended.  Neither is heard of from here, so both are looked for
 * now and then.
 */
#include "superd/stop.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/loop.h"
#include "superd/base/notify.h"
#include "superd/reloads.h"
#include "superd/running/children.h"
#include "superd/running/event_self.h"
#include "superd/running/listener.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/running/superd.h"
#include "superd/serve/internal.h"

enum { DRAIN_SECONDS = 10 };

struct stop {
	struct loop_timer look, deadline;
};

struct stop *
stop_new(void)
{
	return xcalloc(1, sizeof(struct stop));
}

void
stop_free(struct superd *superd)
{
	struct stop *stop = superd->stop;

	loop_timer_stop(superd->loop, &stop->look);
	loop_timer_stop(superd->loop, &stop->deadline);
	free(stop);
}

static void
finish(void *arg)
{
	struct superd *superd = arg;

	loop_stop(superd->loop);
}

static void
look_again(struct superd *superd, loop_fn *fn, int64_t delay, int64_t most)
{
	struct stop *stop = superd->stop;

	loop_timer_init(&stop->look, fn, superd);
	loop_timer_set(superd->loop, &stop->look, delay);
	if (loop_timer_running(&stop->deadline))
		return;
	loop_timer_init(&stop->deadline, finish, superd);
	loop_timer_set(superd->loop, &stop->deadline, most);
}

static void
drained(void *arg)
{
	struct superd *superd = arg;

	if (children_count(superd->children) == 0)
		finish(superd);
	else
		look_again(superd, drained, SECOND / 20,
		    (int64_t)DRAIN_SECONDS * SECOND);
}

/* Whoever is started next finds all ports free. */
static void
nobody_listens(void *arg)
{
	struct superd *superd = arg;

	if (internals_stop(superd))
		finish(superd);
	else
		look_again(superd, nobody_listens, SECOND / 500, SECOND);
}

void
stop_services(struct superd *superd)
{
	struct running *running, *next;

	for (running = running_first(superd); running != NULL; running = next) {
		next = running_next(running);
		while (running->nlisteners > 0) {
			struct listener *listener = running->listeners[0];

			running_take_listener(running, listener);
			if (listener->server != NULL)
				listener->server->listener = NULL;
			listener_free(listener);
		}
	}
}

static void
stop(struct superd *superd, bool children_too)
{
	size_t children = children_count(superd->children);

	if (superd->stopping) {
		finish(superd);
		return;
	}
	superd->stopping = true;
	event_stopping(children);
	notify_send("STOPPING=1");
	reloads_stop(superd);
	stop_services(superd);
	if (!children_too) {
		nobody_listens(superd);
		return;
	}
	children_signal(superd->children, SIGTERM);
	internals_signal(superd, SIGTERM);
	drained(superd);
}

void
stop_on_signal(void *superd)
{
	stop(superd, getpid() == 1);
}

void
terminate_on_signal(void *superd)
{
	stop(superd, true);
}
