/* Rate limits for log lines. */
#include "superd/base/limiter.h"

const struct rate once_a_minute = { 1, 60 };

bool
limiter_try(struct limiter *limiter, const struct rate *rate, int64_t now)
{
	if (bucket_try(&limiter->bucket, rate, now))
		return true;
	limiter->left_out++;
	return false;
}

uint64_t
limiter_told(struct limiter *limiter)
{
	uint64_t count = limiter->left_out;

	limiter->left_out = 0;
	return count;
}
