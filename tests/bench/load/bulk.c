/* One connection, read for as long as the plan says: bytes per second. */
#include "load.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int
load_bulk(const struct plan *plan)
{
	static char bytes[256 * 1024];
	struct outcome outcome = { 0 };
	int64_t start = now_us(), end = start + (int64_t)(plan->seconds * 1e6);
	int fd = connect_from(0, &plan->to);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && now_us() < end) {
		if (poll(&wait, 1, 100) <= 0)
			continue;
		n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			outcome.bytes += (uint64_t)n;
	}
	if (n < 0)
		outcome.error++;
	else if (outcome.bytes > 0)
		outcome.done++;
	outcome_print(&outcome, now_us() - start);
	return 0;
}
