/*
 * Refusing the connections of a wait service.  A server, or what it left
 * behind, may have the socket too, make it a blocking one and be the first to
 * accept: so that is done by a process without rights, for which superd does
 * not wait, and not for long.
 */
#ifndef SUPERD_SERVE_REFUSER_H
#define SUPERD_SERVE_REFUSER_H

#include "superd/running/superd.h"

struct refusers *refusers_new(void);
void refusers_free(struct refusers *);
/* Refuse those who are in its queue now, and count and log them; it is not
 * watched meanwhile, nor for a moment after that. */
void refuser_start(struct listener *, enum refusal why);

#endif
