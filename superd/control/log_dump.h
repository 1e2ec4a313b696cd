/*
 * The state in the log, on a signal: no faster than whoever reads the log
 * takes it, so that not one of its lines is lost, and nobody waits for it.
 */
#ifndef SUPERD_CONTROL_LOG_DUMP_H
#define SUPERD_CONTROL_LOG_DUMP_H

struct superd;
struct logdump;

/* loop_fn: log the state as it is at this moment, a line at a time. */
void logdump_on_signal(void *superd);
void logdump_free(struct superd *);

#endif
