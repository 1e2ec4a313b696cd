/*
 * Children: counting their start and their end, and logging both.
 */
#ifndef SUPERD_RUNNING_CHILD_H
#define SUPERD_RUNNING_CHILD_H

#include "superd/running/children.h"
#include "superd/running/connection.h"

/* Free the table and all records; accepts NULL. */
void children_free(struct children *);
/* Record a child that was just started for a service, and count it.  peer:
 * NULL if unknown.  Ends the process if children_prepare() was not called and
 * there is no memory. */
struct child *child_add(struct running *, pid_t, const struct addr *peer);
/* child_add(), and count a start of the service. */
struct child *running_counted(struct running *, pid_t, const struct addr *peer);
/* running_counted(), and log it with event_started(). */
struct child *running_started(struct running *, pid_t, const struct addr *peer);
/* Where records want it, note the address that its client has connected to on
 * this descriptor. */
void child_accepted(struct child *, int fd);
/* Note what a proxy has told of its client, if one has. */
void child_told(struct child *, const struct connection *);
/* The client as it was before the child was started; fd stays the child's. */
void child_client(const struct child *, struct connection *);
/* Record the child's own process, so that the child ends with it. */
void child_runs(struct child *);
/* A process_report_fn, for the child's process or its asker's: the start has
 * failed. */
void child_reported(void *child, const struct spawn_report *);
/* The child goes on as the process with this pid. */
void child_became(struct child *, pid_t);
/* The child goes on as a connection with this number in an internal process,
 * whose pid is given. */
void child_connect(struct child *, struct internal *, pid_t pid,
    uint32_t connection);
/* The internal process gives the connection back on this descriptor: the child
 * has no process until that of its service starts. */
void child_take_back(struct child *, int fd);
/* Log that the child has ended with this status of waitpid(2), subtract it
 * from all counts, and free the record. */
void child_end(struct child *, int status);
/* The same without a log line, for a child that never ran for a service. */
void child_drop(struct child *);
/* Count a child of tcpmux as one of the service that its client has chosen;
 * that service's process is still to be started. */
void child_move(struct child *, struct running *);

#endif
