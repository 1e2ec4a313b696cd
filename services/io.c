/* Input and output with a deadline. */
#include "services/io.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

long long
monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 0 when fd is ready, -1 with ETIMEDOUT or another errno. */
static int
wait_ready(int fd, short events, long long deadline)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	long long left = -1;
	int n;

	do {
		if (deadline >= 0) {
			left = deadline - monotonic_ms();
			if (left < 0)
				left = 0;
		}
		n = poll(&pfd, 1, left > INT_MAX ? INT_MAX : (int)left);
	} while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return n > 0 ? 0 : -1;
}

static long long
deadline_of(int timeout)
{
	return timeout < 0 ? -1 : monotonic_ms() + timeout;
}

int
write_all(int fd, const void *bytes, size_t length, int timeout)
{
	const char *p = bytes;
	long long deadline = deadline_of(timeout);

	while (length > 0) {
		ssize_t n;

		if (deadline >= 0 && wait_ready(fd, POLLOUT, deadline) != 0)
			return -1;
		/* with a deadline a blocking socket must not block either */
		n = send(fd, p, length,
		    MSG_NOSIGNAL | (deadline >= 0 ? MSG_DONTWAIT : 0));
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, p, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			if (wait_ready(fd, POLLOUT, deadline) != 0)
				return -1;
			continue;
		}
		if (n < 0)
			return -1;
		p += n;
		length -= (size_t)n;
	}
	return 0;
}

/* One byte, for descriptors that cannot be peeked at. */
static ssize_t
read_some(int fd, char *buf, size_t room, bool *found)
{
	ssize_t n = recv(fd, buf, room, MSG_PEEK);
	const char *lf;

	if (n < 0 && errno == ENOTSOCK) {
		n = read(fd, buf, 1);
		*found = n == 1 && *buf == '\n';
		return n;
	}
	if (n <= 0)
		return n;
	lf = memchr(buf, '\n', (size_t)n);
	*found = lf != NULL;
	/* take what belongs to the line, and not one byte more */
	return recv(fd, buf, lf != NULL ? (size_t)(lf - buf) + 1 : (size_t)n,
	    0);
}

static ssize_t
finish_line(char *buf, size_t length)
{
	length--;
	if (length > 0 && buf[length - 1] == '\r')
		length--;
	buf[length] = '\0';
	if (memchr(buf, '\0', length) != NULL) {
		errno = EPROTO;
		return -1;
	}
	return (ssize_t)length;
}

int
take_line(int fd, char *buf, size_t size, size_t *used)
{
	bool found = false;
	ssize_t n = read_some(fd, buf + *used, size - 1 - *used, &found);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	if (n == 0) {
		errno = ECONNRESET;
		return -1;
	}
	*used += (size_t)n;
	if (found) {
		n = finish_line(buf, *used);
		return n < 0 ? -1 : 1;
	}
	errno = EMSGSIZE;
	return *used + 1 < size ? 0 : -1;
}

ssize_t
read_line(int fd, char *buf, size_t size, int timeout)
{
	long long deadline = deadline_of(timeout);
	size_t used = 0;
	int result = 0;

	while (result == 0) {
		if (wait_ready(fd, POLLIN, deadline) != 0)
			return -1;
		result = take_line(fd, buf, size, &used);
	}
	return result < 0 ? -1 : (ssize_t)strlen(buf);
}
