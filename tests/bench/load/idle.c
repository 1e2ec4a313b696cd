/*
 * Open all connections, echo a byte over each, say "ready", and hold them
 * until standard input ends; then say how many still answer.
 */
#include "load.h"

#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATIENCE_MS = 2000 };

static bool
echoes(int fd)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	struct pollfd in = { .fd = fd, .events = POLLIN };
	char byte = 'x';

	return fd >= 0 && poll(&out, 1, PATIENCE_MS) == 1 &&
	    send(fd, &byte, 1, MSG_NOSIGNAL) == 1 &&
	    poll(&in, 1, PATIENCE_MS) == 1 && read(fd, &byte, 1) == 1;
}

static unsigned
count(const int *fds, unsigned n, int64_t end)
{
	unsigned alive = 0;

	for (unsigned i = 0; i < n && now_us() < end; i++)
		alive += echoes(fds[i]);
	return alive;
}

int
load_idle(const struct plan *plan)
{
	int *fds = calloc(plan->clients, sizeof(*fds));
	int64_t limit = (int64_t)(plan->seconds * 1e6);
	unsigned opened = 0;
	char byte;

	if (fds == NULL)
		return 1;
	/* none is left to the backlog, and the first that fails is the last */
	for (unsigned i = 0; i < plan->clients; i++) {
		fds[i] = connect_from(i, &plan->to);
		if (!echoes(fds[i])) {
			close(fds[i]);
			fds[i] = -1;
			break;
		}
		opened++;
	}
	printf("ready=1\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	printf("alive=%u\n", count(fds, opened, now_us() + limit));
	return 0;
}
