/*
 * What a proxy tells of its client (services/proxy.h), as addresses of the
 * model.  Pure.
 */
#ifndef SUPERD_SERVE_TOLD_H
#define SUPERD_SERVE_TOLD_H

#include "services/proxy.h"
#include "superd/running/connection.h"

/* Is it of a form that proxy_parse() can give? */
bool told_is_valid(const struct proxy_told *);
/* Set whose connection it is.  Where the proxy says nothing, the peer is the
 * socket's, which stays, and counts for no client. */
void told_take(const struct proxy_told *, struct connection *);
/* The same backwards, of a client and the address that it has connected to:
 * both as IPv6 if they differ; nothing, unless both are of the Internet. */
void told_of(const struct addr *client, const struct addr *server,
    struct proxy_told *);

#endif
