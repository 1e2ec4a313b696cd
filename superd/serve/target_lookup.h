/* The addresses of a redirected service's host, asked for anew by an asker. */
#ifndef SUPERD_SERVE_TARGET_LOOKUP_H
#define SUPERD_SERVE_TARGET_LOOKUP_H

#include "superd/running/superd.h"

typedef void target_found_fn(struct running *, const struct addr *, size_t);

/* Ask, if that is not done already; found() is called where there are some, at
 * most TUNNEL_TARGETS, and the service still is. */
void target_lookup(struct running *, target_found_fn *);

#endif
