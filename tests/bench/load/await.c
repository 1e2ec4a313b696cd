/*
 * Connect again and again until one connection is answered, and say when
 * that was, on CLOCK_MONOTONIC.
 */
#include "load.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { ANSWER_MS = 1000, PAUSE_US = 500 };

static bool
answered(const struct plan *plan)
{
	int fd = connect_from(0, &plan->to);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char byte;
	bool yes;

	if (fd < 0)
		return false;
	yes = poll(&wait, 1, ANSWER_MS) == 1 && read(fd, &byte, 1) == 1;
	close(fd);
	return yes;
}

int
load_await(const struct plan *plan)
{
	int64_t end = now_us() + (int64_t)(plan->seconds * 1e6);

	printf("waiting=1\n");
	fflush(stdout);
	while (now_us() < end) {
		if (answered(plan)) {
			printf("at=%.6f\n", (double)now_us() / 1e6);
			return 0;
		}
		usleep(PAUSE_US);
	}
	printf("at=0\n");
	return 0;
}
