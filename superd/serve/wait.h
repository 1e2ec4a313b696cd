/*
 * Wait services: the listener itself is handed to a child, and is not watched
 * until that child ends.  A server that ends without having read what woke it
 * is started again with growing delays, never in a spin; after a few tries
 * the datagram that nobody reads is thrown away.
 */
#ifndef SUPERD_SERVE_WAIT_H
#define SUPERD_SERVE_WAIT_H

#include "superd/running/superd.h"

/* A wait listener is readable: start its server, which has the socket until it
 * ends, and see to what it leaves then.  A client who may not come is refused,
 * and a datagram of it dropped.  Errors are logged; where memory or processes
 * are short, the listener waits for them (policy/waiters.h). */
void wait_hand_over(struct listener *);
/* After an upgrade: this child has the socket already. */
void wait_resume(struct listener *, struct child *);

#endif
