/*
 * Limiter: keeps a flood of events from filling the log.  Lines above a rate
 * are left out and counted.
 */
#ifndef SUPERD_BASE_LIMITER_H
#define SUPERD_BASE_LIMITER_H

#include "superd/base/bucket.h"

/* All zero: nothing has been logged yet. */
struct limiter {
	struct bucket bucket;
	uint64_t left_out; /* since limiter_told() */
};

extern const struct rate once_a_minute;

/* May this line be logged at now, loop_clock()?  If not, it is counted. */
bool limiter_try(struct limiter *, const struct rate *, int64_t now);
/* The number of lines left out; resets it, since the caller logs it. */
uint64_t limiter_told(struct limiter *);

#endif
