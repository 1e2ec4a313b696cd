/*
 * Lines that a flood of events must not fill a log with: so many in a time,
 * and the number of those that were left out.
 */
#ifndef SUPERD_BASE_LIMITER_H
#define SUPERD_BASE_LIMITER_H

#include "superd/base/bucket.h"

/* All zero: nothing was said yet. */
struct limiter {
	struct bucket bucket;
	uint64_t left_out; /* not told yet */
};

extern const struct rate once_a_minute;

/* May this one be said?  If not, it is counted. */
bool limiter_try(struct limiter *, const struct rate *, int64_t now);
/* How many were left out; that is told now. */
uint64_t limiter_told(struct limiter *);

#endif
