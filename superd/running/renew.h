/*
 * Listeners that are not what they were: sockets that were lent are looked
 * at, and made anew; wakeups that bring nothing are never a spin, whatever
 * causes them.
 */
#ifndef SUPERD_RUNNING_RENEW_H
#define SUPERD_RUNNING_RENEW_H

#include "superd/running/superd.h"

/* After the end of a server that had its socket: our flags again, and a new
 * socket if this one is spoiled.  True: it was, and there is a new one, or
 * will be as soon as it can be bound. */
bool listener_examine(struct listener *);
/*
 * It was ready, and there was nothing.  It is examined; and after some such
 * wakeups in a row it is left alone for a while, which grows up to a second,
 * until one brings something.
 */
void listener_futile(struct listener *);
void listener_useful(struct listener *);
/* Log that it rests. */
void listener_say_futile(struct listener *);
/*
 * Its node is not at its path any more, and with that the way to it is gone.
 * A new socket is bound before the old one is given up, which goes on if
 * there can be none.
 */
void listener_replace_node(struct listener *);

#endif
