/*
 * tcpmux (RFC 1078): the child talks to the client, and asks superd for the
 * service it named; superd decides as if the client had come to that service
 * itself, so that its limits and its user apply.
 */
#ifndef SUPERD_MUX_H
#define SUPERD_MUX_H

#include "superd/child.h"
#include "superd/superd.h"

struct spawn_request;

/* Is this the tcpmux service itself? */
bool	mux_is_one(const struct live *);
/* Start a child that talks.  NULL with errno if it cannot be. */
struct child *mux_start(struct live *, int fd, const struct addr *peer);
/* The child ended or made its choice: close our end of the talk. */
void	mux_close(struct superd *, struct child *);

#endif
