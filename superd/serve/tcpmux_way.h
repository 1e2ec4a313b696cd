/*
 * tcpmux (RFC 1078): an asker talks to the client until it knows which
 * service is wanted; superd sees to it that this is one of those behind
 * tcpmux, and may be had now.
 */
#ifndef SUPERD_SERVE_TCPMUX_WAY_H
#define SUPERD_SERVE_TCPMUX_WAY_H

#include "superd/running/asker.h"
#include "superd/running/child.h"
#include "superd/spawn/process.h"

bool mux_is_one(const struct service *);
/* Ask the client which service it wants. */
void mux_question(struct running *, int fd, struct question *);
/* What the asker said: the child is one of that service from now on.  False:
 * there is none such, or not now, and what the client is owed was sent. */
bool mux_choose(struct child *, const char *id);
/* The service that was chosen is about to be started. */
void mux_greet(const struct running *, int fd);
/* ... or it was refused after all. */
void mux_refuse(const struct running *, int fd);

#endif
