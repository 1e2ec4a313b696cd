/* Find out what other processes have done to a socket. */
#include "superd/base/spoiled.h"

#include <sys/socket.h>

#include <poll.h>
#include <stddef.h>

#include "superd/base/sockdiag.h"

enum { ERRORS_MAX = 64 };

static const char moved[] = "bound to another port";

bool
socktype_listens(int socktype)
{
	return socktype == SOCK_STREAM || socktype == SOCK_SEQPACKET;
}

/* POLLRDHUP is the only sign of a shutdown that all kinds of socket give: a
 * datagram socket that is shut down for reading fails with EAGAIN, and a unix
 * socket stays in its listening state.  POLLERR: there are errors to read. */
static short
what_stands_out(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLRDHUP };

	return poll(&pfd, 1, 0) == 1 ? pfd.revents : 0;
}

static int
option(int fd, int name)
{
	int value = 0;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ?
	    value :
	    0;
}

/* A socket stays readable while its error queue is not empty.  Unix sockets
 * have no such queue, and would return a datagram instead. */
static void
read_errors(int fd, sa_family_t family)
{
	char control[512];
	struct msghdr msg = { 0 };

	option(fd, SO_ERROR);
	for (int i = 0; family != AF_UNIX && i < ERRORS_MAX; i++) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			break;
	}
}

/* A connected socket receives datagrams of its peer only. */
static void
disconnect(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	connect(fd, &none, sizeof(none));
}

/* Unix sockets keep their name and can be disconnected without blocking. */
static const char *
what_is_shown(int fd, int socktype, sa_family_t family,
    const struct sockdiag_state *state)
{
	if (socktype_listens(socktype))
		return NULL;
	if (state->shut_read || state->shut_write)
		return "shut down";
	if (state->connected && family == AF_UNIX)
		disconnect(fd);
	return state->connected && family != AF_UNIX ?
	    "connected to a peer" :
	    NULL;
}

/* Disconnecting releases a port that the kernel has chosen, and then the
 * socket may be bound to another one. */
static bool
has_moved(int fd, const struct addr *bound)
{
	struct addr now;
	socklen_t length = sizeof(now.u);

	if (bound->u.sa.sa_family == AF_UNIX ||
	    getsockname(fd, &now.u.sa, &length) != 0)
		return false;
	now.len = length;
	return addr_port(&now) != addr_port(bound);
}

/* Query the socket itself, if sock_diag(7) cannot.  May block while another
 * process has it locked. */
static const char *
what_it_says(int fd, int socktype, const struct addr *bound)
{
	struct addr peer;
	socklen_t length = sizeof(peer.u);

	if (!socktype_listens(socktype) &&
	    getpeername(fd, &peer.u.sa, &length) == 0)
		disconnect(fd);
	return has_moved(fd, bound) ? moved : NULL;
}

const char *
socket_spoiled(int fd, int socktype, const struct addr *bound)
{
	struct sockdiag_state state;
	short now = what_stands_out(fd);

	if ((now & POLLRDHUP) ||
	    (socktype_listens(socktype) && option(fd, SO_ACCEPTCONN) == 0))
		return "shut down";
	if (!socktype_listens(socktype) && (now & POLLERR))
		read_errors(fd, bound->u.sa.sa_family);
	switch (sockdiag_look(fd, socktype, bound, &state)) {
	case SOCKDIAG_SEEN:
		return what_is_shown(fd, socktype, bound->u.sa.sa_family,
		    &state);
	case SOCKDIAG_MOVED:
		return moved;
	case SOCKDIAG_LATER:
		return NULL;
	default:
		return what_it_says(fd, socktype, bound);
	}
}
