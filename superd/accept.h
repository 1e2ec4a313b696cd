/*
 * A listener is readable: accept or hand over, learn the peer, ask
 * admission, then start, answer or refuse.
 */
#ifndef SUPERD_ACCEPT_H
#define SUPERD_ACCEPT_H

#include "superd/superd.h"

/* loop_fn; arg is the struct listener. */
void	listener_ready(void *listener);
/* May its service start something now?  If not, what has to wait is blocked
 * until it may. */
bool	live_may_start(struct live *, struct listener *);

#endif
