/* Blocked listeners, and the queue of those that wait for a resource. */
#include "superd/running/blocked.h"

#include <errno.h>
#include <string.h>

#include "superd/base/clock.h"
#include "superd/running/event.h"
#include "superd/running/inside.h"
#include "superd/running/waiting.h"
#include "superd/running/way.h"

static void
ready(void *arg)
{
	struct listener *listener = arg;

	listener->running->way->ready(listener);
}

/* Does an internal process accept its clients? */
static bool
is_elsewhere(const struct listener *listener)
{
	return listener->running->elsewhere &&
	    listener->running->superd->inside == NULL;
}

void
listener_watch(struct listener *listener)
{
	struct superd *superd = listener->running->superd;

	if (listener->fd >= 0 && is_elsewhere(listener)) {
		listener->running->way->listen(listener);
		return;
	}
	if (listener->fd < 0 ||
	    loop_watch_listener(superd->loop, listener->fd, ready, listener) ==
		0)
		return;
	/* tried again when the shortage is over */
	waiters_shortage(superd, "memory");
	waiters_queue(listener);
}

/* From an internal process. */
static void
tell_blocked(const struct listener *listener, unsigned before)
{
	if (listener->running->superd->inside != NULL &&
	    listener->blocked != before)
		inside_blocked(listener);
}

void
listener_block(struct listener *listener, unsigned why)
{
	unsigned before = listener->blocked;

	if (before == 0 && listener->fd >= 0) {
		/* which may have been watched before it was given away */
		loop_unwatch(listener->running->superd->loop, listener->fd);
		if (is_elsewhere(listener))
			listener->running->way->unlisten(listener);
	}
	listener->blocked |= why;
	tell_blocked(listener, before);
}

void
listener_unblock(struct listener *listener, unsigned why)
{
	unsigned before = listener->blocked;

	if ((before & why) == 0)
		return;
	listener->blocked &= ~why;
	tell_blocked(listener, before);
	if (listener->blocked == 0)
		listener_watch(listener);
}

void
running_block(struct running *running, unsigned why)
{
	for (size_t i = 0; i < running->nlisteners; i++)
		listener_block(running->listeners[i], why);
}

void
running_unblock(struct running *running, unsigned why)
{
	for (size_t i = 0; i < running->nlisteners; i++)
		listener_unblock(running->listeners[i], why);
}

/* The queue. */

void
waiters_shortage(struct superd *superd, const char *what)
{
	struct waiters *waiters = superd->waiters;

	/* once until something works again */
	if (!waiters->shortage_said && superd->inside != NULL)
		inside_shortage(superd->inside,
		    strcmp(what, "descriptors") != 0, errno);
	else if (!waiters->shortage_said)
		event_shortage(what, errno);
	waiters->shortage_said = true;
	waiters->shortage = what;
	loop_timer_set(superd->loop, &waiters->shortage_timer, SECOND);
}

const char *
waiters_lack(const struct superd *superd)
{
	return superd->waiters->shortage;
}

void
waiters_well(struct superd *superd)
{
	superd->waiters->shortage_said = false;
}

void
waiters_soon(struct superd *superd)
{
	if (superd->waiters->shortage == NULL)
		loop_timer_set(superd->loop, &superd->waiters->shortage_timer,
		    0);
}

void
waiters_queue(struct listener *listener)
{
	if (listener->blocked & BLOCK_HELD)
		return;
	listener_block(listener, BLOCK_HELD);
	waiters_at_end(listener);
}

void
waiters_at_end(struct listener *listener)
{
	const struct running *running = listener->running;

	listener->held_in = &running->superd->waiters->held[running->place];
	TAILQ_INSERT_TAIL(listener->held_in, listener, held);
}

void
waiters_forget(struct listener *listener)
{
	if (listener->blocked & BLOCK_HELD)
		TAILQ_REMOVE(listener->held_in, listener, held);
}
