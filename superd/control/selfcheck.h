/* Self-check: compares counters with records, and both with the kernel. */
#ifndef SUPERD_CONTROL_SELFCHECK_H
#define SUPERD_CONTROL_SELFCHECK_H

#include <stddef.h>

struct superd;

/* Log each inconsistency, and return their number. */
size_t selfcheck_run(struct superd *);
/* A loop_fn: run the check, and log its result. */
void selfcheck_on_signal(void *superd);

#endif
