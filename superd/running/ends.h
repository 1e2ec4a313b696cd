/* How the sessions of a service have ended, and how long they were. */
#ifndef SUPERD_RUNNING_ENDS_H
#define SUPERD_RUNNING_ENDS_H

#include <stdint.h>

#include "superd/base/histogram.h"

enum end_kind {
	END_STATUS_0, /* also: a connection of an internal process, closed */
	END_STATUS,   /* another one; such a connection has failed */
	END_SIGNAL,
	END_KINDS
};

struct ends {
	uint64_t counts[END_KINDS];
	struct histogram seconds;
};

/* For seconds. */
extern const int64_t ends_bounds[HISTOGRAM_BOUNDS];
/* "status0" and the like. */
const char *end_name(enum end_kind);
/* Count one: status is of waitpid(2), duration in microseconds. */
void ends_add(struct ends *, int status, int64_t duration);

#endif
