/* Does the state agree with itself, and with the kernel? */
#ifndef SUPERD_CONTROL_SELFCHECK_H
#define SUPERD_CONTROL_SELFCHECK_H

#include <stddef.h>

struct superd;

/* Log what does not; the number of such things. */
size_t selfcheck_run(struct superd *);
/* loop_fn: check, and say how it went. */
void selfcheck_on_signal(void *superd);

#endif
