/*
 * Blocked listeners: they are not watched while at least one reason of enum
 * block is set.  Listeners that wait for a resource of superd as a whole stand
 * in a queue, which waiters.h serves.
 */
#ifndef SUPERD_RUNNING_BLOCKED_H
#define SUPERD_RUNNING_BLOCKED_H

#include "superd/running/superd.h"

/* Watch a listener that is not blocked, here or in the internal process that
 * serves it. */
void listener_watch(struct listener *);
/* Set or clear reasons, bits of enum block, for one listener or for all of a
 * service; it is unwatched with the first and watched after the last. */
void listener_block(struct listener *, unsigned);
void listener_unblock(struct listener *, unsigned);
void running_block(struct running *, unsigned);
void running_unblock(struct running *, unsigned);

/* A resource is exhausted, with the error in errno: start nothing until a
 * child ends or a second has passed.  what: its name for the log and the
 * status, not copied.  Logged once until waiters_well(). */
void waiters_shortage(struct superd *, const char *what);
/* The exhausted resource, or NULL. */
const char *waiters_lack(const struct superd *);
/* A child was started: the next shortage is a new one, to be logged. */
void waiters_well(struct superd *);
/* Serve those who wait as far as that is possible, after this round. */
void waiters_soon(struct superd *);
/* Block a readable listener (BLOCK_HELD) and append it to the queue, unless it
 * is there already. */
void waiters_queue(struct listener *);
/* Append a listener that was taken out of the queue and is still blocked. */
void waiters_at_end(struct listener *);
/* Remove a listener from the queue, if it is there, before it is freed. */
void waiters_forget(struct listener *);

#endif
