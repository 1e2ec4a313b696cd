/* Token buckets.  full_at is GCRA's theoretical arrival time. */
#include "superd/base/bucket.h"

#include "superd/base/clock.h"

static bool
unlimited(const struct rate *rate)
{
	return !is_limit(rate->count) || rate->seconds == 0;
}

static int64_t
period(const struct rate *rate)
{
	return (int64_t)rate->seconds * SECOND;
}

int64_t
bucket_wait(const struct bucket *bucket, const struct rate *rate, int64_t now)
{
	int64_t used, wait;

	if (unlimited(rate) || bucket->full_at <= now)
		return 0;
	used = bucket->full_at - now;
	/* a reload may have made the period shorter */
	if (used > period(rate))
		used = period(rate);
	wait = used + period(rate) / rate->count - period(rate);
	return wait > 0 ? wait : 0;
}

void
bucket_take(struct bucket *bucket, const struct rate *rate, int64_t now)
{
	int64_t from = bucket->full_at > now ? bucket->full_at : now;

	if (unlimited(rate))
		return;
	if (from > now + period(rate))
		from = now + period(rate);
	bucket->full_at = from + period(rate) / rate->count;
}

bool
bucket_try(struct bucket *bucket, const struct rate *rate, int64_t now)
{
	if (bucket_wait(bucket, rate, now) > 0)
		return false;
	bucket_take(bucket, rate, now);
	return true;
}

void
bucket_grant(struct bucket *bucket, const struct rate *rate, int64_t now)
{
	if (bucket_wait(bucket, rate, now) > 0)
		bucket->full_at = now + period(rate) -
		    period(rate) / rate->count;
}
