/*
 * Logging the standard error of children (stderr = log): each child writes to a
 * pipe of its own, which the loop reads in bounded pieces.  Each line is logged
 * with the service's id, the child's pid and its peer; lines above a rate for
 * each service are dropped and counted.  A pipe is read until the last process
 * that can write to it has ended, after the child and even the service.
 */
#ifndef SUPERD_RUNNING_STDERR_PIPE_H
#define SUPERD_RUNNING_STDERR_PIPE_H

#include "superd/running/superd.h"

struct child_process;

/* Make the set of all pipes, which stderr_hand_over() frees.  Never NULL. */
struct stderr_pipes *stderr_pipes_new(void);
/* Start or stop logging standard error of future children, as the service's
 * command asks for it. */
void stderr_define(struct running *);
/* The service is being freed; pipes of its children are still read. */
void stderr_leave(struct running *);

/* Without stderr = log, the following functions do nothing. */

/* Make a pipe for the next child and set the command's error_fd to its write
 * end, until stderr_started() or stderr_failed().  0, or -1 with errno. */
int stderr_prepare(struct running *);
/* The child was started: read its pipe from now on. */
void stderr_started(struct running *, struct child_process *,
    const struct addr *peer);
/* The child could not be started: close the pipe.  Preserves errno. */
void stderr_failed(struct running *);
/* A child has ended: log what it has written, before its end is logged. */
void stderr_child_ended(struct child_process *);
/* The record of the child is being freed; its pipe is still read. */
void stderr_forget(struct child_process *);

/* For an upgrade: call fn with each pipe that is read, the id of its service,
 * and the child that had it. */
void stderr_each(const struct stderr_pipes *,
    void (
	*fn)(void *arg, const char *id, pid_t, const struct addr *peer, int fd),
    void *arg);

struct stderr_kept {
	int fd; /* taken */
	pid_t pid;
	const struct addr *peer;
};

/* After it: read this one on, of a child (NULL: it has ended).  It is closed
 * if the service logs no standard error any more. */
void stderr_resume(struct running *, struct child_process *,
    const struct stderr_kept *);

/*
 * At exit, after all services: hand the pipes that children still have to a
 * process that keeps reading and logging them, so that these children do not
 * get SIGPIPE.  Frees the set.
 */
void stderr_hand_over(struct superd *);

#endif
