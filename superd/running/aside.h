/*
 * Helper processes for one listener: they do with its socket what could block
 * the loop, because another process may have the socket too and have cleared
 * O_NONBLOCK.  A helper has the socket as its descriptor 0 and no privileges.
 * There is at most one for each listener, which is blocked meanwhile
 * (BLOCK_ASIDE).
 */
#ifndef SUPERD_RUNNING_ASIDE_H
#define SUPERD_RUNNING_ASIDE_H

#include "superd/running/superd.h"

/* status: of waitpid(2). */
typedef void aside_done_fn(struct listener *, int status);

/* Start a process that calls run(arg); call done(), unless it is NULL, when it
 * has ended.  A process that still runs is given up first.  False: none can be
 * started now, with nothing blocked. */
bool aside_start(struct listener *, void (*run)(const void *arg),
    const void *arg, aside_done_fn *done);
/* Kill the process, if there is one, and do not call done(). */
void aside_forget(struct listener *);

#endif
