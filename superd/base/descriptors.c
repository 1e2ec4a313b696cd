/* Numbers and limits of descriptors. */
#include "superd/base/descriptors.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "superd/base/watched.h"

/* How much input close_politely() discards: more than fits into the receive
 * buffer of a socket that has not been read from. */
enum { POLITE_CALLS = 8, POLITE_OCTETS = 64 * 1024 };

static struct rlimit initial;
static int initial_known;

const struct rlimit *
fds_initial_limit(void)
{
	if (!initial_known && getrlimit(RLIMIT_NOFILE, &initial) == 0)
		initial_known = 1;
	return &initial;
}

int
fds_sanitize(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return -1;
	} while (fd <= 2);
	close(fd);
	return 0;
}

void
fds_close_from(int first)
{
	closefrom(first);
}

void
fds_close_but(int first, int keep)
{
	if (keep > first &&
	    close_range((unsigned)first, (unsigned)keep - 1, 0) != 0)
		for (int fd = first; fd < keep; fd++)
			close(fd);
	closefrom(keep >= first ? keep + 1 : first);
}

int
fd_high(int fd)
{
	int saved = errno, high;

	if (fd < 0 || fd >= FD_HIGH)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH);
	if (high < 0) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		errno = saved;
		return fd;
	}
	close(fd);
	errno = saved;
	return high;
}

int
fd_pipe(int ends[2])
{
	ends[0] = ends[1] = -1;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	ends[0] = fd_high(ends[0]);
	ends[1] = fd_high(ends[1]);
	return 0;
}

int
fd_low(int fd)
{
	int low = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (low < 0)
		return fd;
	/* of the two, the lower one stays */
	close(low < fd ? fd : low);
	return low < fd ? low : fd;
}

void
fd_drop(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

int
fd_nonblocking(int fd, int on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	if (((flags & O_NONBLOCK) != 0) == (on != 0))
		return 0;
	return fcntl(fd, F_SETFL,
	    on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

/* True if there may be more.  On TCP sockets MSG_TRUNC discards octets without
 * copying them, tcp(7); others need a buffer. */
static bool
throw_away(int fd)
{
	char bytes[4096];
	ssize_t length;

	if (!valgrind_watches()) {
		length = recv(fd, NULL, POLITE_OCTETS,
		    MSG_DONTWAIT | MSG_TRUNC);
		if (length >= 0 || errno != EFAULT)
			return length == POLITE_OCTETS;
	}
	return recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) ==
	    (ssize_t)sizeof(bytes);
}

bool
fd_drop_datagram(int fd)
{
	return recv(fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC) >= 0;
}

void
close_politely(int fd)
{
	for (int i = 0; i < POLITE_CALLS; i++)
		if (!throw_away(fd))
			break;
	close(fd);
}

/* Asking takes no lock, which whoever has it might hold. */
static bool
lingers(int fd)
{
	struct linger linger = { 0, 0 };
	socklen_t length = sizeof(linger);

	return getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length) == 0 &&
	    linger.l_onoff != 0 && linger.l_linger != 0;
}

/* Until the other end is closed, or a second has passed. */
static void
hold(int fd)
{
	struct pollfd pfd = { .fd = fd };

	poll(&pfd, 1, 1000);
	_exit(0);
}

void
close_shared(int fd)
{
	static const struct linger none = { 0, 0 };
	int ends[2] = { -1, -1 };
	pid_t pid;

	if (!lingers(fd)) {
		close(fd);
		return;
	}
	pid = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;
	if (pid == 0) {
		close(ends[1]);
		hold(ends[0]);
	}
	if (pid < 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
	if (ends[0] >= 0) {
		close(ends[0]);
		close(ends[1]);
	}
}

int
fds_reserve(size_t count)
{
	struct rlimit limit;

	fds_initial_limit();
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return -1;
	if (limit.rlim_cur >= count)
		return 0;
	limit.rlim_cur = count;
	if (limit.rlim_max < count)
		limit.rlim_max = count;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return 0;
	/* the hard limit cannot be raised: use all of it, and fail */
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	errno = EMFILE;
	return -1;
}
