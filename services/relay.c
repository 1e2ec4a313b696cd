/* Two pipes between two sockets, moved by splice(2): no byte is copied
 * through this process. */
#include "services/relay.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, SIDES = 2 };

/* One direction. */
struct flow {
	int from, to;
	int pipe[2];
	int held;		/* octets in the pipe */
	bool ended;		/* from is at its end */
	bool done;		/* and that was passed on */
	uint64_t moved;
};

static bool
is_wait(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
flow_end(struct flow *flow)
{
	flow->ended = true;
	if (flow->held == 0 && !flow->done) {
		shutdown(flow->to, SHUT_WR);
		flow->done = true;
	}
}

/* False when the connection is broken. */
static bool
flow_fill(struct flow *flow)
{
	ssize_t n;

	if (flow->ended || flow->held > 0)
		return true;
	n = splice(flow->from, NULL, flow->pipe[1], NULL, CHUNK,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0)
		flow->held = (int)n;
	else if (n == 0)
		flow_end(flow);
	return n >= 0 || is_wait(n);
}

static bool
flow_drain(struct flow *flow)
{
	while (flow->held > 0) {
		ssize_t n = splice(flow->pipe[0], NULL, flow->to, NULL,
		    (size_t)flow->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

		if (n <= 0)
			return is_wait(n);
		flow->held -= (int)n;
		flow->moved += (uint64_t)n;
	}
	if (flow->ended)
		flow_end(flow);
	return true;
}

static bool
flow_open(struct flow *flow, int from, int to)
{
	*flow = (struct flow){ .from = from, .to = to };
	return pipe2(flow->pipe, O_CLOEXEC | O_NONBLOCK) == 0;
}

/* What each side is waited for. */
static int
wait_for(struct flow flows[SIDES], unsigned idle)
{
	struct pollfd pfds[SIDES];

	for (int i = 0; i < SIDES; i++) {
		/* flow i reads from side i and writes to the other one */
		pfds[i].fd = flows[i].from;
		pfds[i].events = 0;
		pfds[i].revents = 0;
		if (!flows[i].ended && flows[i].held == 0)
			pfds[i].events |= POLLIN;
		if (flows[1 - i].held > 0)
			pfds[i].events |= POLLOUT;
		/* nothing to wait for: not even its hang-up is news */
		if (pfds[i].events == 0)
			pfds[i].fd = -1;
	}
	return poll(pfds, SIDES, idle == 0 || idle > INT_MAX / 1000 ? -1 :
	    (int)idle * 1000);
}

void
relay(int a, int b, unsigned idle, struct relay_traffic *traffic)
{
	struct flow flows[SIDES];
	bool good = flow_open(&flows[0], a, b) && flow_open(&flows[1], b, a);

	while (good && !(flows[0].done && flows[1].done)) {
		int n = wait_for(flows, idle);

		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		for (int i = 0; i < SIDES && good; i++)
			good = flow_fill(&flows[i]) && flow_drain(&flows[i]);
	}
	traffic->in = flows[0].moved;
	traffic->out = flows[1].moved;
}
