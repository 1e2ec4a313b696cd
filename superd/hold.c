/* The queue of those who wait for superd as a whole. */
#include "superd/hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/accept.h"
#include "superd/child.h"
#include "superd/listen.h"
#include "superd/live.h"
#include "superd/log.h"
#include "superd/workers.h"

enum { SECOND = 1000000 };

static void
shortage_over(void *arg)
{
	hold_release(arg);
}

void
hold_shortage(struct superd *superd, const char *what)
{
	/* once until something works again */
	if (!superd->shortage_said)
		log_warn("pause reason=shortage of=%s", what);
	superd->shortage_said = true;
	superd->shortage = what;
	superd->shortage_timer.fn = shortage_over;
	superd->shortage_timer.arg = superd;
	loop_timer_set(superd->loop, &superd->shortage_timer, SECOND);
}

void
hold_add(struct listener *listener)
{
	if (listener->blocked & BLOCK_HELD)
		return;
	listener_block(listener, BLOCK_HELD);
	TAILQ_INSERT_TAIL(&listener->live->superd->held, listener, held);
}

void
hold_connection(struct live *live, int fd, const struct addr *peer)
{
	struct deferred *deferred = xcalloc(1, sizeof(*deferred));

	deferred->live = live;
	deferred->fd = fd;
	deferred->peer = *peer;
	TAILQ_INSERT_TAIL(&live->superd->deferred, deferred, entry);
}

static bool
may_start(struct superd *superd)
{
	return superd->shortage == NULL && !superd->stopping &&
	    (superd->max_children == LIMIT_NONE ||
	    children_count(superd->children) < superd->max_children);
}

static void
serve_deferred(struct superd *superd)
{
	struct deferred *deferred;
	const struct child *child;

	while (may_start(superd) &&
	    (deferred = TAILQ_FIRST(&superd->deferred)) != NULL) {
		child = live_start(deferred->live, deferred->fd,
		    &deferred->peer);
		if (child == NULL) {
			hold_shortage(superd, "processes");
			break;
		}
		TAILQ_REMOVE(&superd->deferred, deferred, entry);
		live_let_go(child, deferred->fd);
		free(deferred);
	}
	workers_flush(superd);
}

/* The first in the queue is tried at once: were it only watched again, a
 * client that has gone meanwhile would leave the free place unused. */
static void
serve_held(struct superd *superd)
{
	struct listener *listener, *last;

	last = TAILQ_LAST(&superd->held, listeners);
	while (may_start(superd) &&
	    (listener = TAILQ_FIRST(&superd->held)) != NULL) {
		TAILQ_REMOVE(&superd->held, listener, held);
		listener_unblock(listener, BLOCK_HELD);
		if (listener->blocked == 0)
			listener_ready(listener);
		if (listener == last)
			return;
	}
}

void
hold_release(struct superd *superd)
{
	superd->shortage = NULL;
	loop_timer_stop(superd->loop, &superd->shortage_timer);
	serve_deferred(superd);
	serve_held(superd);
}
