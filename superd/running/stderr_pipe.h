/*
 * What the children of a service write on standard error, where that goes to
 * the log (stderr = log): a pipe for each child, read by the loop a bounded
 * amount at a time.  A line is logged with the id of its service, the pid of
 * the child and its peer; lines above a rate of the service are dropped and
 * counted.  A pipe outlives its child, and a service, until the last process
 * that may write to it has ended.
 */
#ifndef SUPERD_RUNNING_STDERR_PIPE_H
#define SUPERD_RUNNING_STDERR_PIPE_H

#include "superd/running/superd.h"

/* All of them; what is freed by stderr_hand_over(). */
struct stderr_pipes *stderr_pipes_new(void);
/* Begin or end to log what the children of a service will write, as its command
 * wants it. */
void stderr_define(struct running *);
/* The service ends, but not what was started for it. */
void stderr_leave(struct running *);

/*
 * A pipe for the next child: its end becomes the command's error_fd until the
 * child has started, or could not.  -1 with errno: there can be none now.  All
 * three do nothing where stderr is not for the log.
 */
int stderr_prepare(struct running *);
void stderr_started(struct child *);
void stderr_failed(struct running *); /* errno is kept */
/* A child has ended: what it wrote comes before what is logged about it. */
void stderr_child_ended(struct child *);
/* The record of the child goes; what it writes is still read. */
void stderr_forget(struct child *);

/*
 * superd ends, and its services have ended: a process of its own goes on to
 * read what children that are left running write, since they would die of
 * SIGPIPE. Gives up all pipes.
 */
void stderr_hand_over(struct superd *);

#endif
