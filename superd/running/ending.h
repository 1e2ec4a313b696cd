/*
 * How sessions are ended, whoever serves them: a process by a signal, and by
 * SIGKILL later; a connection of an internal process by a word to that.  Only
 * sessions with a limit, or about to end, have a timer.
 */
#ifndef SUPERD_RUNNING_ENDING_H
#define SUPERD_RUNNING_ENDING_H

#include "superd/running/children.h"

/* The child's service has a limit, perhaps: from its start on, or as it is now
 * that the service is another one.  Not in internal processes, whose children
 * are the daemon's too. */
void ending_watch(struct child *);
/* It has ended, or nobody serves it any more. */
void ending_forget(struct child *);
/* The limits of services have changed: they hold for who is served already. */
void endings_settle(struct superd *);
/* End it: ask it, and kill it after its service's kill_after.  Nothing if that
 * has begun before. */
void ending_begin(struct child *, enum ending_reason);
/* Send a signal to who serves it alone.  A connection of an internal process is
 * cut, whatever the signal is. */
void ending_signal(const struct child *, int signo);
/* As log lines have it; NULL for ENDED_FOR_NONE. */
const char *ending_reason_name(enum ending_reason);

#endif
