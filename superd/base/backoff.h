/* How long to wait before something that failed is tried again. */
#ifndef SUPERD_BASE_BACKOFF_H
#define SUPERD_BASE_BACKOFF_H

#include <stdint.h>

/* first, after tries that failed before this one, is doubled so often, and
 * never more than most.  Any unit; first is at least 1. */
int64_t backoff(unsigned tries, int64_t first, int64_t most);

#endif
