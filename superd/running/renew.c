/* New sockets for old listeners. */
#include "superd/running/renew.h"

#include <unistd.h>

#include "superd/base/backoff.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/sockopt.h"
#include "superd/base/spoiled.h"
#include "superd/base/unix_node.h"
#include "superd/running/inside.h"
#include "superd/running/aside.h"
#include "superd/running/blocked.h"
#include "superd/running/event.h"
#include "superd/running/fd_store.h"
#include "superd/running/listener.h"
#include "superd/running/listener_more.h"
#include "superd/running/records.h"

enum {
	FUTILE_MAX = 16,	      /* in a row, before the first rest */
	IN_A_ROW = 100 * MILLISECOND, /* from one to the next, at most */
	REST_FIRST = 50 * MILLISECOND,
	REST_MAX = SECOND
};

/* Lines about one listener: a server may spoil each socket that it gets. */
static const struct rate line_rate = { 10, 60 };

static void
say_renewed(struct listener *listener, const char *why)
{
	if (limiter_try(&listener->more->lines, &line_rate,
		loop_now(listener->running->superd->loop)))
		event_rebound(listener, why);
}

static void
bind_anew(struct listener *listener)
{
	int old = listener->fd;

	listener_block(listener, BLOCK_UNBOUND);
	listener_remove_node(listener);
	fd_store_forget(listener);
	listener->more->renewed = loop_now(listener->running->superd->loop);
	listener->fd = -1;
	listener_open(listener);
	close(old);
}

/*
 * A process that was left behind may still have the old one.  Of TCP that is
 * no obstacle; beside a datagram socket another one can only be bound if both
 * allow it, and then the last one gets what comes.  The old one is told to
 * aside: whoever has it may have it locked.
 */
static void
share(const void *arg)
{
	(void)arg;
	sockopt_share(STDIN_FILENO, true);
}

static void
shared(struct listener *listener, int status)
{
	(void)status;
	bind_anew(listener);
}

static void
examine_again(void *arg)
{
	struct listener *listener = arg;

	listener_unblock(listener, BLOCK_BACKOFF);
	listener_examine(listener);
}

static void
renew(struct listener *listener, const char *why)
{
	bool tells = listener->lent &&
	    listener->endpoint->addr.u.sa.sa_family != AF_UNIX &&
	    !socktype_listens(listener->binding.socktype);

	if (listener->more->aside != NULL)
		return;
	say_renewed(listener, why);
	listener->beside = true;
	if (!tells) {
		sockopt_share(listener->fd, true);
		bind_anew(listener);
	} else if (!aside_start(listener, share, NULL, shared)) {
		listener_block(listener, BLOCK_BACKOFF);
		loop_timer_init(&listener->more->timer, examine_again,
		    listener);
		loop_timer_set(listener->running->superd->loop,
		    &listener->more->timer, IN_A_ROW);
	}
}

bool
listener_examine(struct listener *listener)
{
	const char *why;

	if (listener->running->superd->inside != NULL) {
		listener->more->renewed = loop_now(
		    listener->running->superd->loop);
		inside_futile(listener);
		return false;
	}
	fd_nonblocking(listener->fd, 1);
	why = socket_spoiled(listener->fd, listener->binding.socktype,
	    listener->bound);
	if (why == NULL || more_get(listener) == NULL)
		return false;
	renew(listener, why);
	return true;
}

/* Futile wakeups. */

static void
rest_over(void *arg)
{
	struct listener *listener = arg;

	listener->more->futile_at = loop_now(listener->running->superd->loop);
	listener_unblock(listener, BLOCK_BACKOFF);
}

void
listener_say_futile(struct listener *listener)
{
	struct listener_more *more = more_get(listener);

	if (more != NULL &&
	    limiter_try(&more->lines, &line_rate,
		loop_now(listener->running->superd->loop)))
		event_futile(listener);
}

static void
rest(struct listener *listener)
{
	struct loop *loop = listener->running->superd->loop;

	if (listener->more->rests == 0 &&
	    listener->running->superd->inside == NULL)
		listener_say_futile(listener);
	listener_block(listener, BLOCK_BACKOFF);
	loop_timer_init(&listener->more->timer, rest_over, listener);
	loop_timer_set(loop, &listener->more->timer,
	    backoff(listener->more->rests++, REST_FIRST, REST_MAX));
}

void
listener_useful(struct listener *listener)
{
	if (listener->more != NULL)
		listener->more->futile = listener->more->rests = 0;
}

void
listener_futile(struct listener *listener)
{
	int64_t now = loop_now(listener->running->superd->loop);

	if (more_get(listener) == NULL) {
		waiters_shortage(listener->running->superd, "memory");
		waiters_queue(listener);
		return;
	}
	/* what was renewed just now, and is no good again, has to wait */
	if (now - listener->more->renewed >= SECOND &&
	    listener_examine(listener))
		return;
	if (now - listener->more->futile_at > IN_A_ROW)
		listener_useful(listener);
	listener->more->futile_at = now;
	if (listener->more->rests > 0 || ++listener->more->futile >= FUTILE_MAX)
		rest(listener);
}

/* Nodes. */

void
listener_replace_node(struct listener *listener)
{
	struct object node = listener->own->node;
	int fd = listener->fd, error;

	if (listener->server != NULL) {
		event_node_lost(listener, "a server still has it", 0);
		return;
	}
	listener_block(listener, BLOCK_UNBOUND);
	error = listener_bind(listener);
	if (error == 0) {
		event_rebound(listener, "no longer at its path");
		close(fd);
	} else {
		event_node_lost(listener, "cannot be recreated", error);
		listener->fd = fd;
		listener->own->node = node;
	}
	listener_unblock(listener, BLOCK_UNBOUND);
}
