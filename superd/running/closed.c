/* Services without sockets, because somebody has said so. */
#include "superd/running/closed.h"

#include "superd/running/blocked.h"
#include "superd/running/event.h"
#include "superd/running/listener.h"
#include "superd/running/rpc.h"
#include "superd/running/running_tree.h"

static void
registrations_changed(const struct running *running)
{
	if (running->service != NULL && running->service->rpc.enabled)
		rpc_changed(running->superd->rpc);
}

void
running_close(struct running *running, enum closed why)
{
	bool was = running->closed != CLOSED_NOT;

	if (running->closed == why)
		return;
	running->closed = why;
	event_closed(running);
	if (was)
		return;
	for (size_t i = 0; i < running->nlisteners; i++)
		listener_close(running->listeners[i]);
	registrations_changed(running);
}

static void
lift(struct running *running)
{
	running->closed = CLOSED_NOT;
	running_unblock(running, BLOCK_CLOSED);
}

int
running_reopen(struct running *running)
{
	int failed = 0;

	lift(running);
	event_opened(running);
	for (size_t i = 0; i < running->nlisteners; i++) {
		int error = listener_retry_now(running->listeners[i]);

		if (error != 0)
			failed = error;
	}
	return failed;
}

void
closed_reload(struct superd *superd)
{
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (running->closed == CLOSED_DISABLED)
			lift(running);
}

void
closed_adopt(struct listener *listener)
{
	if (listener->running->closed == CLOSED_STOPPED)
		listener_close(listener);
}
