/*
 * Starting: a client that was admitted is asked about, if it has to be, or
 * served in its service's way.
 */
#ifndef SUPERD_SERVE_START_H
#define SUPERD_SERVE_START_H

#include "superd/running/superd.h"

/* Start a child with fd on 0-2; NULL with errno if there can be none now. */
struct child *running_start(struct running *, int fd, const struct addr *peer);
/* After live_start: close fd here, as soon as the child can do without. */
void running_let_go(const struct child *, int fd);

#endif
