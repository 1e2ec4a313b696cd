/*
 * Whether a tool watches every access to memory, a sanitizer or valgrind: it
 * needs addresses without limit, and knows nothing of shared stacks.
 */
#ifndef SUPERD_BASE_WATCHED_H
#define SUPERD_BASE_WATCHED_H

#include <stdbool.h>

bool memory_is_watched(void);
/* By valgrind, which takes a call's NULL for an error. */
bool valgrind_watches(void);

#endif
