/*
 * The state of waiters.h: listeners and accepted connections that wait for a
 * resource of superd as a whole, and the shortage that they wait for.
 */
#ifndef SUPERD_RUNNING_WAITING_H
#define SUPERD_RUNNING_WAITING_H

#include "superd/running/records.h"

TAILQ_HEAD(held_lines, line);

struct waiters {
	struct listeners held[PLACES + 1]; /* by place; the last: none */
	struct held_lines lines;
	unsigned connections; /* in all lines */
	const char *shortage; /* the exhausted resource, or NULL */
	bool shortage_said;   /* logged since the last successful start */
	struct loop_timer shortage_timer;
	const struct waiter *waiter;
};

#endif
