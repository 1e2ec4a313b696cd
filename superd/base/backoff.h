/* Backoff: how long to wait before trying again what has failed. */
#ifndef SUPERD_BASE_BACKOFF_H
#define SUPERD_BASE_BACKOFF_H

#include <stdint.h>

/* The delay after tries earlier failures: first, doubled that many times, but
 * at most most.  The unit is the caller's; first must be at least 1. */
int64_t backoff(unsigned tries, int64_t first, int64_t most);

#endif
