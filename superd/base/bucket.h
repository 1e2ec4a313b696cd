/*
 * Token buckets by the generic cell rate algorithm: one number per bucket,
 * no timers.  Pure: the time is a parameter.
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

/* Microseconds until a token is there; 0: now.  Unlimited rates (count
 * LIMIT_NONE or LIMIT_UNSET): 0. */
int64_t bucket_wait(const struct bucket *, const struct rate *, int64_t now);
/* Take a token that bucket_wait() found. */
void bucket_take(struct bucket *, const struct rate *, int64_t now);
/* Take a token, if one is there now. */
bool bucket_try(struct bucket *, const struct rate *, int64_t now);
/* Put a token in, if there is none. */
void bucket_grant(struct bucket *, const struct rate *, int64_t now);

#endif
