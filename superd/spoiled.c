/* What is wrong with a socket. */
#include "superd/spoiled.h"

#include <sys/socket.h>

#include <poll.h>
#include <stddef.h>

enum { ERRORS_MAX = 64 };

bool
socktype_listens(int socktype)
{
	return socktype == SOCK_STREAM || socktype == SOCK_SEQPACKET;
}

/* Nothing else tells it of every kind: a datagram socket that is shut for
 * reading says EAGAIN, and a unix one goes on "listening". */
static bool
is_shut(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLRDHUP };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLRDHUP) != 0;
}

static int
option(int fd, int name)
{
	int value = 0;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ?
	    value : 0;
}

/* A queue of errors that is not empty makes it readable for good.  Unix
 * sockets have none, and would give a datagram instead. */
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

/* Datagrams of one peer only, otherwise. */
static void
disconnect(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct addr peer;
	socklen_t length = sizeof(peer.u);

	if (getpeername(fd, &peer.u.sa, &length) == 0)
		connect(fd, &none, sizeof(none));
}

/* Disconnecting may lose a port of the system's choice; and what is bound to
 * no port may be bound to another one.  Unix sockets keep their name. */
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

const char *
socket_spoiled(int fd, int socktype, const struct addr *bound)
{
	if (is_shut(fd))
		return "shut down";
	if (socktype_listens(socktype)) {
		if (option(fd, SO_ACCEPTCONN) == 0)
			return "shut down";
	} else {
		disconnect(fd);
		read_errors(fd, bound->u.sa.sa_family);
	}
	return has_moved(fd, bound) ? "bound to another port" : NULL;
}
