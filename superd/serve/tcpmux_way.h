/*
 * tcpmux (RFC 1078): the internal process talks to the client until it knows
 * which service is wanted, and gives the connection back; superd sees to it
 * that this is one of those behind tcpmux, and may be had now.
 */
#ifndef SUPERD_SERVE_TCPMUX_WAY_H
#define SUPERD_SERVE_TCPMUX_WAY_H

#include "services/tcpmux.h"
#include "superd/running/child.h"

bool mux_is_one(const struct service *);

/* In the internal process: what there is to be had, by the numbers of the
 * services.  Never freed.  False: no memory. */
bool mux_directory(struct superd *, struct tcpmux_directory *);

/* In superd. */

/* A client of tcpmux, whose connection was given back (child->handed), wants
 * this service: the child is one of that from now on.  False: it cannot be had
 * now, and the client was told. */
bool mux_choose(struct child *, struct running *);
/* The service that was chosen is about to be started. */
void mux_greet(const struct running *, int fd);
/* ... or it was refused after all. */
void mux_refuse(const struct running *, int fd);

#endif
