/*
 * Children: what the start of one takes up, and what its end releases.
 */
#ifndef SUPERD_RUNNING_CHILD_H
#define SUPERD_RUNNING_CHILD_H

#include "superd/running/children.h"

/* With all records; accepts NULL. */
void children_free(struct children *);
/* Record a child that was just started for a service; counts it.  Ends the
 * process where nothing was prepared and there is no memory. */
struct child *child_add(struct running *, pid_t, const struct addr *peer);
/* The same for a client of the service that is served from now on; and log
 * its start, which can be done later: event_started(). */
struct child *running_counted(struct running *, pid_t, const struct addr *peer);
struct child *running_started(struct running *, pid_t, const struct addr *peer);
/* It has a process of its own, whose end is the child's. */
void child_runs(struct child *);
/* ... or an asker's, which may fail in the same way: process_report_fn. */
void child_reported(void *child, const struct spawn_report *);
/* It is another process now. */
void child_became(struct child *, pid_t);
/* It is not a process any more, but one of an internal process. */
void child_connect(struct child *, struct internal *, pid_t pid,
    uint32_t connection);
/* ... and that gives it back: it is neither until its service starts. */
void child_take_back(struct child *, int fd);
/* It ended with this status of waitpid(2): log it, and count it out. */
void child_end(struct child *, int status);
/* The same for one that never was a service's: nothing is logged. */
void child_drop(struct child *);
/* tcpmux: the talk is over, and the child goes on as one of another service,
 * whose process is still to come. */
void child_move(struct child *, struct running *);

#endif
