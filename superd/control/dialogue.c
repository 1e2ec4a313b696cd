/* Asking, and waiting no longer than there is time. */
#include "superd/control/dialogue.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { READ_SIZE = 65536, ANSWER_MAX = 256 << 20 };

long long
dialogue_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
dialogue_connect(const char *path, unsigned timeout)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval wait = { .tv_sec = (time_t)timeout };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* connect() waits where a stopped superd's backlog is full */
	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	return -1;
}

/* As read(), but -1 with ETIMEDOUT when the deadline has passed. */
ssize_t
dialogue_read(int fd, char *bytes, size_t size, long long deadline)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int ready;

	do {
		long long left = deadline - dialogue_now();

		ready = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = ETIMEDOUT;
	return ready > 0 ? read(fd, bytes, size) : -1;
}

/* Room for more, and a terminator; -1 if there is none. */
static int
grow(struct answer *answer)
{
	size_t room = answer->room > 0 ? answer->room * 2 : READ_SIZE;
	char *bytes;

	if (room > ANSWER_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	bytes = realloc(answer->bytes, room + 1);
	if (bytes == NULL)
		return -1;
	answer->bytes = bytes;
	answer->room = room;
	return 0;
}

/*
 * All of it before any is printed: superd does not wait for a reader who is
 * in a pager.
 */
int
dialogue_receive(int fd, struct answer *answer, long long deadline)
{
	ssize_t n;

	do {
		if (answer->length == answer->room && grow(answer) != 0)
			return -1;
		n = dialogue_read(fd, answer->bytes + answer->length,
		    answer->room - answer->length, deadline);
		if (n > 0)
			answer->length += (size_t)n;
	} while (n > 0);
	answer->bytes[answer->length] = '\0';
	/* whom superd does not listen to, it answers and closes at once */
	if (n < 0 && errno == ECONNRESET && answer->length > 0)
		n = 0;
	return n < 0 ? -1 : 0;
}

/* The first line, which says whether there will be more. */
int
dialogue_receive_line(int fd, struct answer *answer, long long deadline)
{
	ssize_t n = 1;

	if (grow(answer) != 0)
		return -1;
	while (n > 0 && memchr(answer->bytes, '\n', answer->length) == NULL &&
	    answer->length < answer->room) {
		n = dialogue_read(fd, answer->bytes + answer->length,
		    answer->room - answer->length, deadline);
		if (n > 0)
			answer->length += (size_t)n;
	}
	answer->bytes[answer->length] = '\0';
	return n < 0 ? -1 : 0;
}

ssize_t
dialogue_more(int fd, struct answer *answer)
{
	ssize_t n;

	if (answer->length == answer->room && grow(answer) != 0)
		return -1;
	n = read(fd, answer->bytes + answer->length,
	    answer->room - answer->length);
	if (n > 0)
		answer->length += (size_t)n;
	return n;
}
