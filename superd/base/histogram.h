/* Histograms of durations, in a form that costs little to keep. */
#ifndef SUPERD_BASE_HISTOGRAM_H
#define SUPERD_BASE_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 12 };

/* All in microseconds. */
struct histogram {
	uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* the last: above all bounds */
	uint64_t sum;
};

/* Count a duration; bounds: the highest one of each bucket, ascending, always
 * the same ones for a histogram. */
static inline void
histogram_add(struct histogram *histogram,
    const int64_t bounds[HISTOGRAM_BOUNDS], int64_t duration)
{
	unsigned i = 0;

	if (duration < 0)
		duration = 0;
	while (i < HISTOGRAM_BOUNDS && duration > bounds[i])
		i++;
	histogram->counts[i]++;
	histogram->sum += (uint64_t)duration;
}

#endif
