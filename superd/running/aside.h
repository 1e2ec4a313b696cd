/*
 * What superd itself must not do with a socket that others have too, since it
 * might have to wait for them: a process without rights does it, on its
 * descriptor 0, for which superd does not wait.  One at a time for each
 * listener, which is not watched meanwhile.
 */
#ifndef SUPERD_RUNNING_ASIDE_H
#define SUPERD_RUNNING_ASIDE_H

#include "superd/running/superd.h"

/* status: of waitpid(2). */
typedef void aside_done_fn(struct listener *, int status);

/* run(arg) in the process; done(), if not NULL, when it has ended.  Another one
 * is forgotten.  False: there can be no process now. */
bool aside_start(struct listener *, void (*run)(const void *arg),
    const void *arg, aside_done_fn *done);
/* Whatever it was to do is not wanted any more. */
void aside_forget(struct listener *);

#endif
