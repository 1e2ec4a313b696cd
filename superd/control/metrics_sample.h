/* One line of metrics after the other: its name, its labels, its value. */
#ifndef SUPERD_CONTROL_METRICS_SAMPLE_H
#define SUPERD_CONTROL_METRICS_SAMPLE_H

#include "superd/base/histogram.h"
#include "superd/base/text.h"

struct sample {
	struct text *text;
	const char *name; /* of the family */
	bool labelled;	  /* the line has a label already */
};

/* Begin a line; suffix: of the name, or "". */
void sample_begin(struct sample *, const char *suffix);
/* Add a label.  An octet of its value that is not part of valid UTF-8 becomes
 * the four characters \xHH. */
void sample_label(struct sample *, const char *name, const char *value);
/* End the line with its value; the second takes microseconds, and writes
 * seconds. */
void sample_number(struct sample *, uint64_t);
void sample_seconds(struct sample *, uint64_t);
/* All lines of a histogram, for this service; NULL: without a label. */
void sample_histogram(struct sample *, const char *service,
    const struct histogram *, const int64_t bounds[HISTOGRAM_BOUNDS]);

#endif
