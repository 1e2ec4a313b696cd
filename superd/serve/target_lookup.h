/* The addresses of a redirected service's host, asked for anew by an asker. */
#ifndef SUPERD_SERVE_TARGET_LOOKUP_H
#define SUPERD_SERVE_TARGET_LOOKUP_H

#include "superd/running/superd.h"

/* Called with at least one address. */
typedef void target_found_fn(struct running *, const struct addr *, size_t);

/* Start an asker for the host, unless one is running.  If it finds addresses,
 * found() is called with at most TUNNEL_TARGETS of them, unless the service was
 * removed meanwhile.  Does nothing if there is no memory or process. */
void target_lookup(struct running *, target_found_fn *);

#endif
