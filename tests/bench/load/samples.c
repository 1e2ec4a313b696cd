/* Latencies and counts, and how they are printed. */
#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void
samples_add(struct samples *samples, int64_t us)
{
	if (samples->n == samples->room) {
		samples->room = samples->room * 2 + 4096;
		samples->us = realloc(samples->us,
		    samples->room * sizeof(*samples->us));
		if (samples->us == NULL)
			abort();
	}
	samples->us[samples->n++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t
quantile(const struct samples *samples, double q)
{
	size_t at = (size_t)((double)samples->n * q);

	if (samples->n == 0)
		return 0;
	return samples->us[at < samples->n ? at : samples->n - 1];
}

void
samples_print(struct samples *samples)
{
	if (samples->n > 0)
		qsort(samples->us, samples->n, sizeof(*samples->us), by_value);
	printf("p50_us=%" PRIu32 "\np99_us=%" PRIu32 "\nmax_us=%" PRIu32 "\n",
	    quantile(samples, 0.5), quantile(samples, 0.99),
	    quantile(samples, 1));
	free(samples->us);
}

void
outcome_print(const struct outcome *outcome, int64_t us)
{
	printf("done=%" PRIu64 "\nempty=%" PRIu64 "\nrefused=%" PRIu64
	       "\nreset=%" PRIu64 "\ntimeout=%" PRIu64 "\nerror=%" PRIu64
	       "\nbytes=%" PRIu64 "\nseconds=%.6f\n",
	    outcome->done, outcome->empty, outcome->refused, outcome->reset,
	    outcome->timeout, outcome->error, outcome->bytes, (double)us / 1e6);
}
