/*
 * What came to nothing: clients that were refused, and children that could
 * not start.  Counted with their service, and logged.
 */
#ifndef SUPERD_RUNNING_REFUSAL_H
#define SUPERD_RUNNING_REFUSAL_H

#include "superd/running/children.h"
#include "superd/running/superd.h"

/*
 * Count and log that a client was turned away.  Log lines are bounded for
 * each service; what is left out is counted and said later.  peer may be
 * NULL.
 */
void running_refuse(struct running *, const struct addr *peer, enum refusal);
/* Of all reasons together. */
uint64_t running_refused(const struct running *);
uint64_t running_refused_for(const struct running *, enum refusal);
/* One more; where there is no memory for it, it is not counted. */
void running_count_refusal(struct running *, enum refusal);
/* Count and log that a child never became its program; bounded as well. */
void running_failed(struct running *, pid_t, const char *step, int error);
/* Count and log that a connection came to nothing. */
void running_connection_failed(const struct child *, int error);

#endif
