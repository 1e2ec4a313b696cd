/*
 * A listener is readable: accept, learn the peer, ask admission, then start,
 * answer or refuse.
 */
#ifndef SUPERD_SERVE_ACCEPT_H
#define SUPERD_SERVE_ACCEPT_H

#include "superd/policy/waiters.h"
#include "superd/running/superd.h"

/* Of a service whose connections are accepted here: struct way. */
void accept_ready(struct listener *);
/* For those who were accepted, and had to wait. */
extern const struct waiter accept_waiter;

#endif
