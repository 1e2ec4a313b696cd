/*
 * Starting: a client that was admitted is asked about, if it has to be, or
 * served in its service's way.
 */
#ifndef SUPERD_SERVE_START_H
#define SUPERD_SERVE_START_H

#include "superd/running/connection.h"

struct child;

/* A child for this client, which it takes: its descriptor is closed here as
 * soon as the child can do without, or kept in the child's record.  A lent
 * socket stays its listener's.  NULL with errno, and nothing was taken: EBUSY
 * (no place), ENOMEM, or what fork(2) and the way's own start() say; a later
 * try may succeed. */
struct child *running_start(struct connection *);

#endif
