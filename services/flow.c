/* One direction of a tunnel: what is read from a side, and what the other takes
 * of it. */
#include "services/flow.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* The shared buffer, octets. */
enum { BLOCK = 16384 };

/* What all of them use, one at a time. */
static char block[BLOCK];

static bool
is_wait(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static void
give_pipe_back(struct pipes *pipes, struct flow *flow)
{
	if (flow->pipe != NULL)
		pipes_put(pipes, flow->pipe, flow->held == 0);
	flow->pipe = NULL;
}

/* One side. */

int
socket_set(int fd, int level, int name)
{
	int on = 1;

	return setsockopt(fd, level, name, &on, sizeof(on));
}

/*
 * A message is passed on when it comes, tcp(7): the first one is anyway, and
 * most sides never get another.  A unix socket has no such option, and ends a
 * read where descriptors were sent with the bytes, unix(7).
 */
static void
side_be_prompt(struct side *side)
{
	if (side->prompt)
		return;
	side->prompt = side->known = true;
	if (socket_set(side->fd, IPPROTO_TCP, TCP_NODELAY) != 0)
		side->exact = true;
}

/* Before something is sent to it. */
static void
side_prepare(struct side *side)
{
	if (side->sent)
		side_be_prompt(side);
	side->sent = true;
}

/* One direction. */

void
flow_drop(struct pipes *pipes, struct flow *flow)
{
	give_pipe_back(pipes, flow);
	free(flow->rest);
	flow->rest = NULL;
	flow->held = 0;
}

/* Nobody will read any more of it. */
void
flow_cut(struct pipes *pipes, struct flow *flow)
{
	flow_drop(pipes, flow);
	flow->ended = flow->done = true;
}

static void
flow_moved(struct flow *flow, size_t n)
{
	flow->held -= n;
	flow->at += n;
	flow->moved += n;
}

/* False: the reader is gone. */
bool
flow_drain(struct pipes *pipes, struct flow *flow, struct side *to)
{
	while (flow->held > 0 && to->writable) {
		ssize_t n;

		side_prepare(to);
		n = flow->pipe != NULL ?
		    splice(flow->pipe->ends[0], NULL, to->fd, NULL, flow->held,
			SPLICE_F_MOVE | SPLICE_F_NONBLOCK) :
		    send(to->fd, flow->rest + flow->at, flow->held,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			flow_moved(flow, (size_t)n);
		else if (n < 0 && is_wait())
			to->writable = errno == EINTR;
		else
			return false;
	}
	if (flow->held == 0)
		flow_drop(pipes, flow);
	return true;
}

/* What the other side does not take at once is kept.  The last bytes wait
 * for the end behind them, to go in one segment with it. */
static bool
flow_send(struct flow *flow, struct side *to, const char *bytes, size_t length,
    bool last)
{
	ssize_t n;

	side_prepare(to);
	n = send(to->fd, bytes, length,
	    MSG_DONTWAIT | MSG_NOSIGNAL | (last ? MSG_MORE : 0));
	if (n < 0 && !is_wait())
		return false;
	if (n > 0) {
		flow->moved += (uint64_t)n;
		bytes += n;
		length -= (size_t)n;
	}
	if (length == 0)
		return true;
	to->writable = false;
	flow->rest = malloc(length);
	if (flow->rest == NULL)
		return false;
	memcpy(flow->rest, bytes, length);
	flow->at = 0;
	flow->held = length;
	return true;
}

static ssize_t
flow_read(struct pipes *pipes, struct flow *flow, struct side *from)
{
	ssize_t n;

	if (flow->bulk)
		flow->pipe = pipes_get(pipes);
	if (flow->pipe == NULL)
		return recv(from->fd, block, BLOCK, MSG_DONTWAIT);
	n = splice(from->fd, NULL, flow->pipe->ends[1], NULL, PIPE_ROOM,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0)
		flow->held = (size_t)n;
	else
		give_pipe_back(pipes, flow);
	return n;
}

/*
 * Less than there was room for is all there was, epoll(7), and the end if that
 * has come already.  (But a pipe may be full of small pieces.)
 */
static void
flow_read_short(struct flow *flow, struct side *from)
{
	if (!from->known)
		side_be_prompt(from);
	if (from->exact)
		return;
	from->readable = false;
	flow->ended = from->ending;
}

/* Read once, and pass it on.  False: the reader is gone. */
bool
flow_fill(struct pipes *pipes, struct flow *flow, struct side *from,
    struct side *to)
{
	ssize_t n = flow_read(pipes, flow, from);

	if (n < 0 && is_wait()) {
		from->readable = errno == EINTR;
		return true;
	}
	if (n <= 0) {
		flow->ended = true;
		flow->failed = n < 0;
		return true;
	}
	flow->bulk = n >= BLOCK;
	if (!flow->bulk && flow->pipe == NULL)
		flow_read_short(flow, from);
	return flow->pipe != NULL ?
	    flow_drain(pipes, flow, to) :
	    flow_send(flow, to, block, (size_t)n, from->ending && !flow->bulk);
}
