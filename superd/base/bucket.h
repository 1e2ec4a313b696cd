/*
 * Token buckets by the generic cell rate algorithm (GCRA): one number per
 * bucket, no timers.  Pure: the time, loop_clock(), is a parameter.
 */
#ifndef SUPERD_BASE_BUCKET_H
#define SUPERD_BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

/* All zero: full. */
struct bucket {
	int64_t full_at; /* microseconds: when it will be full again */
};

/* Microseconds until a token is available; 0: now, and always for unlimited
 * rates (count LIMIT_NONE or LIMIT_UNSET). */
int64_t bucket_wait(const struct bucket *, const struct rate *, int64_t now);
/* Take a token.  The caller has checked with bucket_wait(). */
void bucket_take(struct bucket *, const struct rate *, int64_t now);
/* Take a token if one is available; false: none is. */
bool bucket_try(struct bucket *, const struct rate *, int64_t now);
/* Add one token if the bucket is empty. */
void bucket_grant(struct bucket *, const struct rate *, int64_t now);

#endif
