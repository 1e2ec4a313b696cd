/*
 * Stopping: once no other process listens any more, or once nobody is served.
 * Neither is heard of from here, so both are looked for now and then.
 *
 * Who is not left is first waited for, then asked to end, and killed in the
 * end; each of these has a limited time, and the first may be none.
 */
#include "superd/stop.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/loop.h"
#include "superd/base/notify.h"
#include "superd/reloads.h"
#include "superd/running/children.h"
#include "superd/running/event.h"
#include "superd/running/event_self.h"
#include "superd/running/listener.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/running/superd.h"
#include "superd/serve/internal.h"

/* Seconds: docker stop(1) waits for 10. */
enum { STOP_TIMEOUT = 8, XINETD_TIMEOUT = 10 };

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
tell_left(void *superd, const struct child *child)
{
	(void)superd;
	event_left(child);
}

static void
finish(void *arg)
{
	struct superd *superd = arg;

	children_each(superd->children, tell_left, superd);
	loop_stop(superd->loop);
}

static void
look_again(struct superd *superd, loop_fn *fn, int64_t delay)
{
	loop_timer_init(&superd->stop->look, fn, superd);
	loop_timer_set(superd->loop, &superd->stop->look, delay);
}

/* What comes next, if nothing else has been the end before. */
static void
set_deadline(struct superd *superd, loop_fn *fn, int64_t delay)
{
	struct stop *stop = superd->stop;

	loop_timer_stop(superd->loop, &stop->deadline);
	loop_timer_init(&stop->deadline, fn, superd);
	loop_timer_set(superd->loop, &stop->deadline, delay);
}

static void
drained(void *arg)
{
	struct superd *superd = arg;
	bool unheard = internals_stop(superd);

	if (unheard && children_count(superd->children) == 0)
		finish(superd);
	else
		look_again(superd, drained, SECOND / 20);
}

/* Whoever is started next finds all ports free. */
static void
nobody_listens(void *arg)
{
	struct superd *superd = arg;

	if (internals_stop(superd))
		finish(superd);
	else
		look_again(superd, nobody_listens, SECOND / 500);
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

/* The steps for those that are not left. */

static void
signal_all(struct superd *superd, int signo)
{
	children_signal(superd->children, signo);
	internals_signal(superd, signo);
}

static void
kill_all(void *arg)
{
	struct superd *superd = arg;

	event_stop_signal("KILL", children_count(superd->children));
	signal_all(superd, SIGKILL);
	/* for their records; whoever is not gone now hangs in the kernel */
	set_deadline(superd, finish, SECOND);
}

static int64_t
stop_time(const struct superd *superd)
{
	unsigned seconds = superd->conf->globals.stop_timeout;

	return (int64_t)(seconds != LIMIT_UNSET ? seconds : STOP_TIMEOUT) *
	    SECOND;
}

/* The last quarter of the time is for their end. */
static void
ask_to_end(void *arg)
{
	struct superd *superd = arg;

	event_stop_signal("TERM", children_count(superd->children));
	signal_all(superd, SIGTERM);
	set_deadline(superd, kill_all, stop_time(superd) / 4);
}

/* Servers that have the socket of their service would take new clients. */
static void
end_server(void *arg, const struct child *child)
{
	(void)arg;
	if (child->listener != NULL && child->kind == CHILD_RUNS)
		kill(child->pid, SIGTERM);
}

static enum stop_way
stop_way(const struct superd *superd)
{
	enum stop_way way = superd->conf->globals.stop;

	if (way != STOP_AUTO)
		return way;
	return getpid() == 1 ? STOP_KILL : STOP_LEAVE;
}

/* False: it has begun before, and ends now. */
static bool
begin(struct superd *superd)
{
	if (superd->stopping) {
		finish(superd);
		return false;
	}
	superd->stopping = true;
	event_stopping(children_count(superd->children));
	notify_send("STOPPING=1");
	reloads_stop(superd);
	return true;
}

void
stop_on_signal(void *arg)
{
	struct superd *superd = arg;
	enum stop_way way = stop_way(superd);

	if (!begin(superd))
		return;
	if (way == STOP_DRAIN)
		children_each(superd->children, end_server, NULL);
	stop_services(superd);
	switch (way) {
	case STOP_DRAIN:
		set_deadline(superd, ask_to_end, stop_time(superd) / 4 * 3);
		drained(superd);
		break;
	case STOP_KILL:
		signal_all(superd, SIGTERM);
		set_deadline(superd, kill_all, stop_time(superd));
		drained(superd);
		break;
	default:
		set_deadline(superd, finish, SECOND);
		nobody_listens(superd);
		break;
	}
}

void
terminate_on_signal(void *arg)
{
	struct superd *superd = arg;

	if (!begin(superd))
		return;
	stop_services(superd);
	signal_all(superd, SIGTERM);
	set_deadline(superd, finish, (int64_t)XINETD_TIMEOUT * SECOND);
	drained(superd);
}
