/*
 * What came to nothing: clients that were refused, and children that could
 * not start.  Counted with their service, and logged.
 */
#ifndef SUPERD_RUNNING_REFUSAL_H
#define SUPERD_RUNNING_REFUSAL_H

#include "superd/running/children.h"
#include "superd/running/superd.h"

const char *refusal_name(enum refusal);
/*
 * Count and log that a client was turned away.  Log lines are bounded for
 * each service; what is left out is counted and said later.  peer may be
 * NULL.
 */
void live_refuse(struct live *, const struct addr *peer, enum refusal);
/* Of all reasons together. */
uint64_t live_refused(const struct live *);
uint64_t live_refused_for(const struct live *, enum refusal);
/* One more; where there is no memory for it, it is not counted. */
void live_count_refusal(struct live *, enum refusal);
/* Count and log that a child never became its program; bounded as well. */
void live_failed(struct live *, pid_t, const char *step, int error);
/* Count and log that a connection of a worker came to nothing. */
void live_connection_failed(const struct child *, int error);

#endif
