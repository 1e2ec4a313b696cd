/* The buckets of sessions: from a request to a day at a terminal. */
#include "superd/running/ends.h"

#include <sys/wait.h>

#include "superd/base/clock.h"

#define S (int64_t) SECOND

const int64_t ends_bounds[HISTOGRAM_BOUNDS] = { S / 1000, S / 100, S / 20,
	S / 10, S / 2, S, 5 * S, 15 * S, 60 * S, 300 * S, 3600 * S, 86400 * S };

const char *
end_name(enum end_kind kind)
{
	static const char *const names[END_KINDS] = { "status0", "status",
		"signal" };

	return names[kind];
}

static enum end_kind
kind_of(int status)
{
	if (WIFSIGNALED(status))
		return END_SIGNAL;
	return WEXITSTATUS(status) == 0 ? END_STATUS_0 : END_STATUS;
}

void
ends_add(struct ends *ends, int status, int64_t duration)
{
	ends->counts[kind_of(status)]++;
	histogram_add(&ends->seconds, ends_bounds, duration);
}
