/*
 * Orders on their way from the daemon to an internal process.  Nothing here
 * waits for it: what its channel has no room for is kept.
 */
#ifndef SUPERD_SERVE_POST_H
#define SUPERD_SERVE_POST_H

#include "superd/serve/internal_record.h"
#include "superd/serve/order.h"

/* The order of internal->services: for qsort(3). */
int internal_compare_services(const void *, const void *);
/* The number of a service.  False: it does not know this one. */
bool internal_number(const struct internal *, const struct running *,
    uint32_t *number);
/* The same of one that it serves, and not only knows. */
bool internal_serves(const struct internal *, const struct running *,
    uint32_t *number);
/* Send an order with a descriptor (-1: none), which stays the caller's, or keep
 * it until there is room.  False: it cannot be told, because it is about to
 * end or there is no memory or descriptor for the copy. */
bool internal_post(struct internal *, const struct order *, int fd);
/* An order about a service and a connection of it, and an address (NULL: none).
 * False also if the process does not serve it. */
bool internal_post_about(struct internal *, enum order_kind,
    const struct running *, uint32_t id, const struct addr *, int fd);
/* End a connection that an internal process serves. */
void internal_cut(const struct child *);
/* Send what was kept, as far as there is room: for internal->again. */
void internal_post_again(void *internal);
/* Drop what was kept. */
void internal_post_drop(struct internal *);

#endif
