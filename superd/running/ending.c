/* Signals, and the timer in front of each. */
#include "superd/running/ending.h"

#include <signal.h>
#include <stdlib.h>

#include "superd/base/clock.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

const char *
ending_reason_name(enum ending_reason reason)
{
	static const char *const names[] = {
		[ENDED_TIME_LIMIT] = "time_limit"
	};

	return names[reason];
}

void
ending_signal(const struct child *child, int signo)
{
	struct superd *superd = child->running->superd;

	if (child->kind == CHILD_HOSTED)
		superd->cut(child);
	else if (child->pid > 0) /* 0 would be all of our group */
		kill(child->pid, signo);
}

/* The timer. */

static struct loop *
loop_of(const struct child *child)
{
	return child->running->superd->loop;
}

static void
send_signal(struct child *child, int signo)
{
	child->killed = (uint8_t)signo;
	ending_signal(child, signo);
}

static void
kill_it(void *arg)
{
	send_signal(arg, SIGKILL);
}

static void
too_long(void *arg)
{
	ending_begin(arg, ENDED_TIME_LIMIT);
}

/* Not for a signal by hand, which may have asked for anything. */
static bool
is_ending(const struct child *child)
{
	return child->ended_for != ENDED_FOR_NONE;
}

/* With what its service says now, or has said last.  NULL: there is no
 * memory. */
static struct ending *
ending_of(struct child *child)
{
	const struct running *running = child->running;

	if (child->ending == NULL)
		child->ending = children_ending(running->superd->children);
	if (child->ending != NULL && running->service != NULL)
		child->ending
		    ->kill_after = running->service->command.kill_after;
	return child->ending;
}

static void
set_timer(struct child *child, loop_fn *fn, int64_t delay)
{
	struct loop_timer *timer = &child->ending->timer;

	loop_timer_stop(loop_of(child), timer);
	loop_timer_init(timer, fn, child);
	loop_timer_set(loop_of(child), timer, delay);
}

void
ending_begin(struct child *child, enum ending_reason reason)
{
	if (is_ending(child))
		return;
	child->ended_for = reason;
	/* without a timer there would be no second signal */
	if (ending_of(child) == NULL || child->ending->kill_after == 0) {
		send_signal(child, SIGKILL);
		return;
	}
	set_timer(child, kill_it, (int64_t)child->ending->kill_after * SECOND);
	send_signal(child, SIGTERM);
}

static bool
is_served(const struct child *child)
{
	return child->kind == CHILD_RUNS || child->kind == CHILD_HOSTED;
}

static void
set_limit(struct child *child, const struct service *service)
{
	int64_t limit = (int64_t)service->limits.time_limit * SECOND;

	if (ending_of(child) != NULL)
		set_timer(child, too_long,
		    child->started + limit - loop_clock());
}

void
ending_watch(struct child *child)
{
	const struct running *running = child->running;

	/* who is about to end does; a service that is gone has the last word */
	if (is_ending(child) || running->service == NULL ||
	    running->superd->inside != NULL)
		return;
	if (is_served(child) && is_limit(running->service->limits.time_limit))
		set_limit(child, running->service);
	else
		ending_forget(child);
}

void
ending_forget(struct child *child)
{
	if (child->ending == NULL)
		return;
	loop_timer_stop(loop_of(child), &child->ending->timer);
	free(child->ending);
	child->ending = NULL;
}

/* The table is not changed by it. */
static void
settle_one(void *superd, const struct child *child)
{
	(void)superd;
	ending_watch((struct child *)(uintptr_t)child);
}

void
endings_settle(struct superd *superd)
{
	children_each(superd->children, settle_one, superd);
}
