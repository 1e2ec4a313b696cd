/* Services that are redirected: the child that connects and relays. */
#ifndef SUPERD_REDIRECT_H
#define SUPERD_REDIRECT_H

#include "superd/superd.h"

/* In a child of its own: connect to a target of the service, and relay
 * until both ends are closed.  service: a struct service. */
void	redirect_run(const void *service, int fd);

#endif
