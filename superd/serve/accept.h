/*
 * A listener is readable: accept, learn the peer, ask admission, then start,
 * answer or refuse.
 */
#ifndef SUPERD_SERVE_ACCEPT_H
#define SUPERD_SERVE_ACCEPT_H

#include "superd/policy/waiters.h"
#include "superd/running/superd.h"

/* Accept the clients of a listener that is readable, some at a time: ready() of
 * struct way.  Never blocks. */
void accept_ready(struct listener *);
/* Take a client whom a proxy has introduced, and do the same. */
void accept_told(struct connection *);
/* Serves the clients that were accepted and had to wait for a place. */
extern const struct waiter accept_waiter;

#endif
