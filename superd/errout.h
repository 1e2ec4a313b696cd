/*
 * What the children of a service write on standard error, where that goes to
 * the log (stderr = log): one pipe for each service, shared by its children,
 * read by the loop a bounded amount at a time.  A line is logged with the id
 * of its service; lines above a rate are dropped and counted.  A pipe outlives
 * its service until the last process that may write to it has ended.
 */
#ifndef SUPERD_ERROUT_H
#define SUPERD_ERROUT_H

#include "superd/superd.h"

/* Make, keep or give up the pipe of a live that was just defined, and tell
 * its image.  -1 with errno: there can be none now, and stderr is null. */
int	errout_define(struct live *);
/* The live ends, but not what was started for it. */
void	errout_leave(struct live *);
/* A child has ended: what it wrote comes before what is logged about it. */
void	errout_child_ended(struct live *);
/*
 * superd ends, and its lives have ended: a process of its own goes on to read
 * what children that are left running write, since they would die of SIGPIPE.
 * Gives up all pipes.
 */
void	errouts_hand_over(struct superd *);

#endif
