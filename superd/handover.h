/*
 * A connection of a worker about which a gate has a question first: a child
 * of its own asks it, and the worker gets the connection when the answer is
 * yes.
 */
#ifndef SUPERD_HANDOVER_H
#define SUPERD_HANDOVER_H

#include "superd/child.h"
#include "superd/superd.h"

/* Start the child; fd stays the caller's.  NULL with errno. */
struct child *handover_start(struct live *, int fd, const struct addr *peer);
/* It ended. */
void	handover_ended(struct child *, int status);

#endif
