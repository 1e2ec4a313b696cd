/* A redirected service as its tunnels know it. */
#ifndef SUPERD_SERVE_REDIRECT_H
#define SUPERD_SERVE_REDIRECT_H

#include "conf/conf.h"
#include "services/tunnel.h"
#include "superd/running/children.h"

/* Fill the plan from a service with redirect; it points into the service. */
void redirect_plan(const struct service *, struct tunnel_plan *);
/* Make targets of count addresses, at most TUNNEL_TARGETS. */
void redirect_targets(const struct addr *, size_t, struct tunnel_target *);

/* Does its target get a header of the PROXY protocol? */
bool redirect_introduces(const struct service *);
/* Write that header, for a client whose connection is fd: at most TUNNEL_FIRST
 * octets, whose number is returned. */
size_t redirect_introduce(const struct child *, const struct service *, int fd,
    uint8_t *buf);

#endif
