/* Signals, each as a call from the loop. */
#ifndef SUPERD_BASE_LOOP_SIGNAL_H
#define SUPERD_BASE_LOOP_SIGNAL_H

#include "superd/base/loop.h"

/*
 * Block signo for good and call fn(arg) from the loop when it came (once for
 * any number).  Its disposition becomes the default one, so that children
 * have nothing to undo but the mask.  -1 with errno.
 */
int loop_signal(struct loop *, int signo, loop_fn *, void *arg);

/* Unblock all but those of loop_signal(), SIGPIPE and SIGXFSZ: superd was
 * started with all of them blocked, so that none was lost. */
void loop_signals_only(struct loop *);
/* Leave this one unblocked while the loop runs: somebody has a handler for it.
 * Before loop_run(). */
void loop_signal_open(struct loop *, int signo);

#endif
