/*
 * Listeners that are not watched for now, each for its reasons (enum block).
 * Those for whom superd as a whole has nothing left stand in a queue, from
 * which waiters.h takes them.
 */
#ifndef SUPERD_RUNNING_BLOCKED_H
#define SUPERD_RUNNING_BLOCKED_H

#include "superd/running/superd.h"

/* Watch one that nothing blocks, or see to it that it is elsewhere. */
void listener_watch(struct listener *);
/* Set or clear reasons not to watch it. */
void listener_block(struct listener *, unsigned);
void listener_unblock(struct listener *, unsigned);
void running_block(struct running *, unsigned);
void running_unblock(struct running *, unsigned);

/* Out of something: start nothing until a child ends or a second passes.
 * what is a constant string for the log and the status. */
void waiters_shortage(struct superd *, const char *what);
/* What there is too little of, or NULL. */
const char *waiters_lack(const struct superd *);
/* Something could be started: the next shortage is another one. */
void waiters_well(struct superd *);
/* Put a readable listener at the end of the queue. */
void waiters_queue(struct listener *);
/* ... once more: it was taken out of it. */
void waiters_at_end(struct listener *);
/* The listener is about to go. */
void waiters_forget(struct listener *);

#endif
