/* Who waits for superd as a whole: listeners that are blocked.h's, accepted
 * connections that are line.h's, and the shortage of which they wait for the
 * end.  waiters.h lets them go on. */
#ifndef SUPERD_RUNNING_WAITING_H
#define SUPERD_RUNNING_WAITING_H

#include "superd/running/records.h"

TAILQ_HEAD(held_lines, line);

struct waiters {
	struct listeners held[PLACES + 1]; /* the last: need none */
	struct held_lines lines;
	unsigned connections; /* in them */
	const char *shortage; /* of what, or NULL */
	bool shortage_said;   /* logged since something worked */
	struct loop_timer shortage_timer;
	const struct waiter *waiter;
};

#endif
