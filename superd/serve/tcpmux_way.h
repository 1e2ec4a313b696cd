/*
 * tcpmux (RFC 1078): the internal process talks to the client until it knows
 * which service is wanted, and gives the connection back; superd sees to it
 * that this is one of those behind tcpmux, and may be had now.
 */
#ifndef SUPERD_SERVE_TCPMUX_WAY_H
#define SUPERD_SERVE_TCPMUX_WAY_H

#include "services/tcpmux.h"
#include "superd/running/child.h"

/* Is this service tcpmux itself? */
bool mux_is_one(const struct service *);

/* In the internal process: list the services behind tcpmux by their numbers.
 * The list is never freed.  False: no memory. */
bool mux_directory(struct superd *, struct tcpmux_directory *);

/* In superd. */

/* A client of tcpmux whose connection was given back (child->handed) wants this
 * service: make the child one of that service.  False: the service does not
 * take it now, and the client was told. */
bool mux_choose(struct child *, struct running *);
/* Before the chosen service is started: tell the client "+" (RFC 1078) if the
 * service wants superd to do so. */
void mux_greet(const struct running *, int fd);
/* Tell the client "-": the service was refused after all. */
void mux_refuse(const struct running *, int fd);

#endif
