/*
 * The connections of an internal process: streams, tunnels and answers, each
 * kind with its host (services/host.h) around the loop.
 */
#ifndef SUPERD_SERVE_HOSTING_H
#define SUPERD_SERVE_HOSTING_H

#include "services/host.h"
#include "superd/running/children.h"

struct hosting;

/* over(arg, ...): a connection is.  Never NULL. */
struct hosting *hosting_new(struct superd *,
    void (*over)(void *arg, const struct connection_end *), void *arg);
/* Serve child->handed, whose number is child->connection, from the end of this
 * round on.  shared: others may have it, too. */
void hosting_add(struct hosting *, struct child *, bool shared);
/* End that one, if it has begun. */
void hosting_cut(const struct child *);
/* After each round.  False: there is more to be done at once. */
void hosting_round(struct hosting *);
void hosting_found(struct running *, const struct addr *, size_t);

#endif
