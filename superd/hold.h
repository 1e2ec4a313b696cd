/*
 * Holding back: listeners whose clients have to wait because superd as a
 * whole cannot start a child now (all children together, descriptors,
 * processes).  They queue up as they become readable and are served in that
 * order, so that no service starves another; nothing spins or sleeps.
 */
#ifndef SUPERD_HOLD_H
#define SUPERD_HOLD_H

#include "superd/superd.h"

/* Out of something: start nothing until a child ends or a second passes.
 * what is a constant string for the log and the status. */
void	hold_shortage(struct superd *, const char *what);
/* Put a readable listener at the end of the queue. */
void	hold_add(struct listener *);
/* A connection that is accepted already waits in front of the queue; takes
 * fd. */
void	hold_connection(struct live *, int fd, const struct addr *peer);
/* A child ended, or time passed: serve who waits. */
void	hold_release(struct superd *);

#endif
