/* Services that are redirected: what their worker does. */
#ifndef SUPERD_SERVE_REDIRECT_H
#define SUPERD_SERVE_REDIRECT_H

#include "superd/running/superd.h"

/* In the worker: connect each connection to a target of the service, and
 * relay.  service: a struct service. */
void redirect_run(const void *service, int channel, int poke);

#endif
