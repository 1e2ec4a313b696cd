/*
 * Gates: checks that may block (libwrap, the names of hosts, their users),
 * which run in the child before it becomes its server, never in the loop.
 */
#ifndef SUPERD_GATE_H
#define SUPERD_GATE_H

#include "superd/spawn.h"
#include "superd/superd.h"

/* Is there a question about this peer that only a child may ask? */
bool	gate_needed(const struct live *, const struct addr *peer);
/* ... about any peer? */
bool	gate_possible(const struct live *);
/* Put the gate that a service needs, if any, into a request to start it. */
void	gate_prepare(struct live *, struct spawn_request *);
/* In the child: may this client have this service?  Reports the refusal. */
bool	gate_admits(const struct service *, int fd, const struct addr *peer);

#endif
