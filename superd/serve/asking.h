/*
 * Clients about whom something has to be asked before they are served: by an
 * asker for each, and for tcpmux by more than one, while superd keeps the
 * connection.  They count as children of the service meanwhile, with the
 * asker's pid.
 */
#ifndef SUPERD_SERVE_ASKING_H
#define SUPERD_SERVE_ASKING_H

#include "superd/running/child.h"
#include "superd/running/connection.h"
#include "superd/running/superd.h"

bool asking_needed(const struct running *, const struct addr *peer);
/* Start; keeps a copy of its descriptor.  When the asker has ended, the client
 * is asked about something else, served, or let go.  NULL with errno: there is
 * no process. */
struct child *asking_start(const struct connection *);

#endif
