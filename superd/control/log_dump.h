/*
 * Log dumps: superd's state in its log, on a signal.  Lines are written only
 * as fast as the log takes them, so that none is dropped and nothing blocks.
 */
#ifndef SUPERD_CONTROL_LOG_DUMP_H
#define SUPERD_CONTROL_LOG_DUMP_H

struct superd;
struct logdump;

/* A loop_fn: take the state as it is now, and log it line by line. */
void logdump_on_signal(void *superd);
/* Free superd->logdump, if there is one; its other lines are not logged. */
void logdump_free(struct superd *);

#endif
