/*
 * A listener is readable: accept or hand over, learn the peer, ask
 * admission, then start, answer or refuse.
 */
#ifndef SUPERD_ACCEPT_H
#define SUPERD_ACCEPT_H

#include "superd/hold.h"
#include "superd/superd.h"

void	listener_ready(struct listener *);
/* For those who were accepted, and had to wait. */
extern const struct waiter accept_waiter;

#endif
