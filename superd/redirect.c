/* Connecting to the target of a redirected service. */
#include "superd/redirect.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "services/relay.h"
#include "superd/fds.h"
#include "superd/log.h"

enum { CONNECT_TIMEOUT = 20000 /* ms */ };

/* A connected, non-blocking socket, or -1 with errno. */
static int
connect_one(const struct addr *addr)
{
	struct pollfd pfd = { .events = POLLOUT };
	int error = 0;
	socklen_t length = sizeof(error);

	pfd.fd = socket(addr->u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (pfd.fd < 0)
		return -1;
	if (connect(pfd.fd, &addr->u.sa, addr->len) != 0)
		error = errno;
	if (error == EINPROGRESS) {
		error = ETIMEDOUT;
		if (poll(&pfd, 1, CONNECT_TIMEOUT) == 1)
			getsockopt(pfd.fd, SOL_SOCKET, SO_ERROR, &error,
			    &length);
	}
	if (error == 0)
		return pfd.fd;
	close(pfd.fd);
	errno = error;
	return -1;
}

void
redirect_run(const void *arg, int fd)
{
	const struct service *service = arg;
	struct relay_traffic traffic = { 0, 0 };
	int target = -1;

	for (size_t i = 0; i < service->redirect.ntargets && target < 0; i++)
		target = connect_one(&service->redirect.targets[i]);
	if (target < 0)
		return;
	fd_nonblocking(fd, 1);
	relay(fd, target, service->redirect.idle, &traffic);
}
