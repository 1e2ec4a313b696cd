/*
 * Refused clients and failed starts: counting them with their service, and
 * logging them at a bounded rate.
 */
#ifndef SUPERD_RUNNING_REFUSAL_H
#define SUPERD_RUNNING_REFUSAL_H

#include "superd/running/children.h"
#include "superd/running/superd.h"

/* Count and log a refused client; peer may be NULL.  The number of lines left
 * out is logged later. */
void running_refuse(struct running *, const struct addr *peer, enum refusal);
/* The number of clients refused for any reason. */
uint64_t running_refused(const struct running *);
/* The number of clients refused for one reason. */
uint64_t running_refused_for(const struct running *, enum refusal);
/* Count a refusal without logging it.  Out of memory: not counted. */
void running_count_refusal(struct running *, enum refusal);
/* Count and log that a child could not start its program.  step: a constant
 * string, not copied. */
void running_failed(struct running *, pid_t, const char *step, int error);
/* Count and log that a connection of an internal process has failed. */
void running_connection_failed(const struct child *, int error);

#endif
