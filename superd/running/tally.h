/*
 * Tally: what the processes that accept connections, the daemon and the
 * internal ones, know of each other's: how many places of PLACE_CONNECTION
 * they have taken, and how many of these are a client's, at this moment.  The
 * daemon's own books, which notices tell of (inside.h), come a moment later,
 * and a limit of all would be exceeded meanwhile.
 *
 * Each has a page of its own in shared memory, the daemon the first, internal
 * processes those of their slots; whoever asks adds them up, so that nothing
 * is left of one that died when its page is cleared.  What a broken one writes
 * there is compared with limits, and nothing else.
 */
#ifndef SUPERD_RUNNING_TALLY_H
#define SUPERD_RUNNING_TALLY_H

#include <stdbool.h>

#include "conf/addr.h"

/* Pages: 0 is the daemon's. */
enum { TALLY_SLOTS = 1024 };

struct tally;

/* Never NULL: ends the process where it cannot be had.  Shared with those who
 * are forked afterwards. */
struct tally *tally_new(void);
void tally_free(struct tally *); /* accepts NULL */
/* In a process that was forked: which slot is its own. */
void tally_be(struct tally *, unsigned slot);
unsigned tally_self(const struct tally *);
/* For the daemon: nobody has the slot now. */
void tally_clear(struct tally *, unsigned slot);

/* One place for a client (NULL: nobody knows who), of at most max of all.
 * False: there is none, and nothing was taken. */
bool tally_take(struct tally *, const struct prefix *client, unsigned max);
/* One that is taken in this slot, whatever the limit; and is given back. */
void tally_add(struct tally *, unsigned slot, const struct prefix *client);
void tally_drop(struct tally *, unsigned slot, const struct prefix *client);
/* Places that are taken by all; and by a client, or a few more. */
unsigned tally_used(const struct tally *);
unsigned tally_client(const struct tally *, const struct prefix *client);

/* How many services of an internal process hold places, in all such; and that
 * this one has a service more, or one less, that does. */
unsigned tally_holding(const struct tally *);
void tally_hold(struct tally *, int change);
/* Another process has its services now. */
void tally_retire(struct tally *);

/* This process waits for places that others have, or does not any more.  True:
 * that is new, and what became free before it was said is to be looked for
 * once more. */
bool tally_want(struct tally *, bool wants);
/* Does the process of this slot? */
bool tally_wants(const struct tally *, unsigned slot);

#endif
