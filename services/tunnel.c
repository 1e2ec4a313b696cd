/*
 * Tunnels.  Both sockets are watched edge-triggered: what a side can do is
 * remembered until it says that it cannot any more.  The end of one
 * direction is passed on by shutdown(2), while the other goes on.  Small
 * messages are copied through one buffer that all share; where a read fills
 * it, the direction borrows a pipe and splices, for as long as data is under
 * way.  A side that does not read stops the other: all that is kept for it
 * is one buffer or pipe.
 */
#include "services/tunnel.h"

#include <sys/epoll.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/sys/queue.h>

#include "services/flow.h"
#include "services/host.h"

enum { SIDES = 2, CLIENT = 0, TARGET = 1 };
/* Octets until others have their turn. */
enum { TURN = 1 << 20 };
/* A host that cannot be reached is asked for so often at most, in ms. */
enum { LOOK_AGAIN = 5000 };

TAILQ_HEAD(tunnel_list, tunnel);

struct tunnel {
	TAILQ_ENTRY(tunnel) timed;   /* in connecting, moving or over */
	TAILQ_ENTRY(tunnel) waiting; /* for their next turn */
	struct tunnels *tunnels;
	struct side sides[SIDES];
	struct flow flows[SIDES];
	size_t target;
	uint32_t id;
	int error;
	bool connecting, queued, broken, over;
	long long touched;
};

struct tunnels {
	struct tunnel_plan plan;
	struct host *host;
	/* the first in each waits for the longest time */
	struct tunnel_list connecting, moving, waiting, over;
	struct pipes pipes;
	long long looked; /* when fresh targets were asked for */
};

/* A turn of one direction; true if it could go on. */
static bool
flow_move(struct tunnels *tunnels, struct tunnel *tunnel, int way)
{
	struct flow *flow = &tunnel->flows[way];
	struct side *from = &tunnel->sides[way];
	struct side *to = &tunnel->sides[!way];
	uint64_t before = flow->moved;
	bool good = flow_drain(&tunnels->pipes, flow, to);

	while (good && flow->held == 0 && !flow->ended && from->readable &&
	    to->writable && flow->moved - before < TURN)
		good = flow_fill(&tunnels->pipes, flow, from, to);
	if (flow->moved != before)
		tunnel->touched = tunnels->host->now;
	if (!good)
		flow_cut(&tunnels->pipes, flow);
	if (flow->failed)
		flow_cut(&tunnels->pipes, &tunnel->flows[!way]);
	tunnel->broken |= !good || flow->failed;
	if (flow->ended && flow->held == 0 && !flow->done) {
		/* an orderly end, unless a reset is to follow, or the same
		 * by close(2): only the target's is ours alone */
		if (!tunnel->broken &&
		    (to == &tunnel->sides[CLIENT] || !tunnel->flows[!way].done))
			shutdown(to->fd, SHUT_WR);
		flow->done = true;
	}
	return !flow->ended && flow->held == 0 && from->readable &&
	    to->writable;
}

/* Tunnels. */

static struct tunnel_list *
timed_list(struct tunnels *tunnels, const struct tunnel *tunnel)
{
	return tunnel->connecting ? &tunnels->connecting : &tunnels->moving;
}

static void
touch(struct tunnels *tunnels, struct tunnel *tunnel)
{
	struct tunnel_list *list = timed_list(tunnels, tunnel);

	TAILQ_REMOVE(list, tunnel, timed);
	TAILQ_INSERT_TAIL(list, tunnel, timed);
}

/* What was cut off shall not look whole: a reset is passed on as one. */
static void
close_side(struct tunnels *tunnels, const struct side *side, bool broken)
{
	static const struct linger reset = { 1, 0 };
	struct host *host = tunnels->host;

	if (side->fd < 0)
		return;
	host->unwatch(host, side->fd);
	if (broken)
		setsockopt(side->fd, SOL_SOCKET, SO_LINGER, &reset,
		    sizeof(reset));
	close(side->fd);
}

/* Freed at the end of the round: there may be an event for its other side. */
static void
end(struct tunnels *tunnels, struct tunnel *tunnel)
{
	const struct connection_end ended = { .id = tunnel->id,
		.error = tunnel->error,
		.in = tunnel->flows[CLIENT].moved,
		.out = tunnel->flows[TARGET].moved };

	TAILQ_REMOVE(timed_list(tunnels, tunnel), tunnel, timed);
	if (tunnel->queued)
		TAILQ_REMOVE(&tunnels->waiting, tunnel, waiting);
	for (int i = 0; i < SIDES; i++) {
		flow_drop(&tunnels->pipes, &tunnel->flows[i]);
		close_side(tunnels, &tunnel->sides[i], tunnel->broken);
	}
	tunnel->over = true;
	TAILQ_INSERT_TAIL(&tunnels->over, tunnel, timed);
	tunnels->host->over(tunnels->host, &ended);
}

static void
move(struct tunnels *tunnels, struct tunnel *tunnel)
{
	long long before = tunnel->touched;
	bool more = false;

	for (int i = 0; i < SIDES; i++)
		more |= flow_move(tunnels, tunnel, i);
	if (tunnel->flows[CLIENT].done && tunnel->flows[TARGET].done) {
		end(tunnels, tunnel);
		return;
	}
	if (tunnel->touched != before)
		touch(tunnels, tunnel);
	if (more && !tunnel->queued) {
		TAILQ_INSERT_TAIL(&tunnels->waiting, tunnel, waiting);
		tunnel->queued = true;
	}
}

/* Connecting. */

/* An urgent octet stays among the others, tcp(7).  Nothing was read or sent
 * yet. */
static void
set_options(struct side *side)
{
	socket_set(side->fd, SOL_SOCKET, SO_OOBINLINE);
	side->known = side->exact = side->prompt = side->sent = false;
}

static host_ready_fn ready;

static int
watch_side(struct tunnels *tunnels, struct side *side)
{
	return tunnels->host->watch(tunnels->host, side->fd,
	    EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | (unsigned)EPOLLET,
	    ready, side);
}

/* 0: on its way. */
static int
connect_to(struct tunnels *tunnels, struct side *side,
    const struct tunnel_target *target)
{
	side->fd = socket(target->addr.sa.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (side->fd < 0)
		return -1;
	set_options(side);
	side->known = true;
	side->exact = side->prompt = target->addr.sa.sa_family == AF_UNIX;
	if (tunnels->plan.keepalive)
		socket_set(side->fd, SOL_SOCKET, SO_KEEPALIVE);
	if (connect(side->fd, &target->addr.sa, target->length) != 0 &&
	    errno != EINPROGRESS)
		return -1;
	return watch_side(tunnels, side);
}

/* The host may have moved: the next clients will know. */
static void
look_again(struct tunnels *tunnels)
{
	struct host *host = tunnels->host;

	if (!tunnels->plan.named || host->look_up == NULL ||
	    (tunnels->looked != 0 && host->now - tunnels->looked < LOOK_AGAIN))
		return;
	tunnels->looked = host->now;
	host->look_up(host);
}

void
tunnels_found(struct tunnels *tunnels, const struct tunnel_target *targets,
    size_t count)
{
	if (count == 0 || count > TUNNEL_TARGETS)
		return;
	memcpy(tunnels->plan.targets, targets, count * sizeof(*targets));
	tunnels->plan.ntargets = count;
}

/* The next target that can be tried; none is the end of the tunnel. */
static void
try_targets(struct tunnels *tunnels, struct tunnel *tunnel)
{
	struct side *side = &tunnel->sides[TARGET];

	while (tunnel->target < tunnels->plan.ntargets) {
		side->readable = side->writable = side->ending = false;
		tunnel->touched = tunnels->host->now;
		touch(tunnels, tunnel);
		if (connect_to(tunnels, side,
			&tunnels->plan.targets[tunnel->target++]) == 0)
			return;
		tunnel->error = errno;
		close_side(tunnels, side, false);
		side->fd = -1;
	}
	look_again(tunnels);
	end(tunnels, tunnel);
}

static void
try_next(struct tunnels *tunnels, struct tunnel *tunnel, int error)
{
	tunnel->error = error;
	close_side(tunnels, &tunnel->sides[TARGET], false);
	tunnel->sides[TARGET].fd = -1;
	try_targets(tunnels, tunnel);
}

/* A fresh socket's buffer takes so little at once.  What the client has said
 * already goes in the same segment. */
static int
send_first(const struct tunnels *tunnels, struct tunnel *tunnel)
{
	const struct tunnel_plan *plan = &tunnels->plan;
	const struct side *client = &tunnel->sides[CLIENT];
	struct side *target = &tunnel->sides[TARGET];
	uint8_t bytes[TUNNEL_FIRST];
	size_t length;

	if (plan->first == NULL)
		return 0;
	length = plan->first(plan->arg, tunnel->id, client->fd, bytes);
	errno = ENOBUFS;
	if (send(target->fd, bytes, length,
		MSG_DONTWAIT | MSG_NOSIGNAL |
		    (client->readable ? MSG_MORE : 0)) != (ssize_t)length)
		return errno;
	target->sent = true;
	return 0;
}

static void
connected(struct tunnels *tunnels, struct tunnel *tunnel, bool perhaps)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (perhaps)
		getsockopt(tunnel->sides[TARGET].fd, SOL_SOCKET, SO_ERROR,
		    &error, &length);
	if (error == 0)
		error = send_first(tunnels, tunnel);
	if (error != 0) {
		try_next(tunnels, tunnel, error);
		return;
	}
	TAILQ_REMOVE(&tunnels->connecting, tunnel, timed);
	tunnel->connecting = false;
	tunnel->error = 0;
	tunnel->touched = tunnels->host->now;
	TAILQ_INSERT_TAIL(&tunnels->moving, tunnel, timed);
	move(tunnels, tunnel);
}

/* What the host calls. */

static struct tunnel *
tunnel_new(struct tunnels *tunnels, uint32_t id, int fd)
{
	struct tunnel *tunnel = calloc(1, sizeof(*tunnel));

	if (tunnel == NULL)
		return NULL;
	tunnel->tunnels = tunnels;
	tunnel->id = id;
	tunnel->connecting = true;
	for (int i = 0; i < SIDES; i++)
		tunnel->sides[i] = (struct side){ .tunnel = tunnel, .fd = -1 };
	tunnel->sides[CLIENT].fd = fd;
	TAILQ_INSERT_TAIL(&tunnels->connecting, tunnel, timed);
	return tunnel;
}

void
tunnels_begin(void *arg, uint32_t id, int fd)
{
	struct tunnels *tunnels = arg;
	struct host *host = tunnels->host;
	struct tunnel *tunnel = tunnel_new(tunnels, id, fd);
	const struct connection_end lost = { .id = id, .error = ENOMEM };

	if (tunnel == NULL) {
		close(fd);
		host->over(host, &lost);
		return;
	}
	set_options(&tunnel->sides[CLIENT]);
	if (watch_side(tunnels, &tunnel->sides[CLIENT]) == 0) {
		try_targets(tunnels, tunnel);
		return;
	}
	tunnel->error = errno;
	end(tunnels, tunnel);
}

static void
ready(void *owner, unsigned events)
{
	struct side *side = owner;
	struct tunnel *tunnel = side->tunnel;
	struct tunnels *tunnels = tunnel->tunnels;
	const unsigned gone = EPOLLERR | EPOLLHUP;

	tunnels->host->wake(tunnels->host);
	if (tunnel->over)
		return;
	if (events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | gone))
		side->readable = true;
	if (events & (EPOLLOUT | gone))
		side->writable = true;
	if (events & (EPOLLPRI | gone))
		side->exact = true;
	if (events & EPOLLRDHUP)
		side->ending = true;
	if (!tunnel->connecting)
		move(tunnels, tunnel);
	else if (side == &tunnel->sides[TARGET])
		connected(tunnels, tunnel, (events & gone) != 0);
	else if (events & EPOLLERR) {
		/* a hang-up alone may leave something to be read */
		tunnel->broken = true;
		end(tunnels, tunnel);
	}
}

/* The time until the first in a list is late, or -1. */
static int
time_left(const struct tunnels *tunnels, const struct tunnel_list *list,
    unsigned limit)
{
	const struct tunnel *first = TAILQ_FIRST(list);

	return first == NULL ?
	    -1 :
	    host_left(tunnels->host, first->touched, limit);
}

static int
sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static bool
cut_in(struct tunnels *tunnels, struct tunnel_list *list, uint32_t id)
{
	struct tunnel *tunnel;

	TAILQ_FOREACH (tunnel, list, timed)
		if (tunnel->id == id) {
			tunnel->broken = true;
			end(tunnels, tunnel);
			return true;
		}
	return false;
}

void
tunnels_cut(void *arg, uint32_t id)
{
	struct tunnels *tunnels = arg;

	if (!cut_in(tunnels, &tunnels->moving, id))
		cut_in(tunnels, &tunnels->connecting, id);
}

static int
end_late(struct tunnels *tunnels)
{
	int connecting, moving;

	while ((connecting = time_left(tunnels, &tunnels->connecting,
		    tunnels->plan.connect)) == 0)
		try_next(tunnels, TAILQ_FIRST(&tunnels->connecting), ETIMEDOUT);
	while ((moving = time_left(tunnels, &tunnels->moving,
		    tunnels->plan.idle)) == 0)
		end(tunnels, TAILQ_FIRST(&tunnels->moving));
	return sooner(connecting, moving);
}

static void
take_turns(struct tunnels *tunnels)
{
	struct tunnel *tunnel,
	    *last = TAILQ_LAST(&tunnels->waiting, tunnel_list);
	bool was_last = last == NULL;

	while (!was_last) {
		tunnel = TAILQ_FIRST(&tunnels->waiting);
		was_last = tunnel == last;
		TAILQ_REMOVE(&tunnels->waiting, tunnel, waiting);
		tunnel->queued = false;
		move(tunnels, tunnel);
	}
}

int
tunnels_round(void *arg)
{
	struct tunnels *tunnels = arg;
	struct tunnel *tunnel;
	int wait;

	take_turns(tunnels);
	wait = end_late(tunnels);
	while ((tunnel = TAILQ_FIRST(&tunnels->over)) != NULL) {
		TAILQ_REMOVE(&tunnels->over, tunnel, timed);
		free(tunnel);
	}
	return TAILQ_EMPTY(&tunnels->waiting) ? wait : 0;
}

struct tunnels *
tunnels_new(struct host *host, const struct tunnel_plan *plan)
{
	struct tunnels *tunnels = calloc(1, sizeof(*tunnels));

	if (tunnels == NULL)
		return NULL;
	tunnels->plan = *plan;
	tunnels->host = host;
	tunnels->pipes.most = host->room / 2;
	TAILQ_INIT(&tunnels->connecting);
	TAILQ_INIT(&tunnels->moving);
	TAILQ_INIT(&tunnels->waiting);
	TAILQ_INIT(&tunnels->over);
	return tunnels;
}
