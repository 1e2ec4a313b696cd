/* A redirected service as its tunnels know it. */
#ifndef SUPERD_SERVE_REDIRECT_H
#define SUPERD_SERVE_REDIRECT_H

#include "conf/conf.h"
#include "services/tunnel.h"

/* Fill the plan from a service with redirect; it points into the service. */
void redirect_plan(const struct service *, struct tunnel_plan *);
/* Make targets of count addresses, at most TUNNEL_TARGETS. */
void redirect_targets(const struct addr *, size_t, struct tunnel_target *);

#endif
