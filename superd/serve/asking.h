/*
 * Clients about whom something has to be asked before they are served: by an
 * asker for each, while superd keeps the connection.  They count as children
 * of the service meanwhile, with the asker's pid.
 */
#ifndef SUPERD_SERVE_ASKING_H
#define SUPERD_SERVE_ASKING_H

#include "superd/running/child.h"
#include "superd/running/connection.h"
#include "superd/running/superd.h"

/* Start an asker for a client, and keep a copy of its descriptor.  When the
 * asker has ended, the client is served or closed.  NULL with errno: no asker
 * could be started. */
struct child *asking_start(const struct connection *);
/* The same for a child that has become one of its service behind tcpmux: asked
 * about, if it has to be, or served.  Takes child->handed, and the child. */
void asking_chosen(struct child *);

#endif
