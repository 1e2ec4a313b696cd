/*
 * Refusing the connections of a wait service.  A server, or what it left
 * behind, may have the socket too, make it a blocking one and be the first to
 * accept: so that is done by a process without rights, for which superd does
 * not wait, and not for long.
 */
#ifndef SUPERD_SERVE_REFUSER_H
#define SUPERD_SERVE_REFUSER_H

#include "superd/running/superd.h"

/* The set of processes that refuse, empty at first.  Never NULL. */
struct refusers *refusers_new(void);
/* Forget them; they end by themselves.  Accepts NULL. */
void refusers_free(struct refusers *);
/* Refuse the connections that wait in the queue of a listener, and count and
 * log them.  The listener is not watched meanwhile, nor for a moment after
 * that. */
void refuser_start(struct listener *, enum refusal why);

#endif
