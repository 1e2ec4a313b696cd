/*
 * Detects tools that watch every memory access, sanitizers and valgrind: they
 * need an unlimited address space and do not support shared stacks.
 */
#ifndef SUPERD_BASE_WATCHED_H
#define SUPERD_BASE_WATCHED_H

#include <stdbool.h>

/* Does a sanitizer or valgrind run this process? */
bool memory_is_watched(void);
/* Does valgrind?  It reports a NULL buffer of a system call as an error. */
bool valgrind_watches(void);

#endif
