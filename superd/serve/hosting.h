/*
 * The connections of an internal process: streams, tunnels, talks with tcpmux,
 * pages and answers, each kind with its host (services/host.h) around the loop.
 */
#ifndef SUPERD_SERVE_HOSTING_H
#define SUPERD_SERVE_HOSTING_H

#include "services/host.h"
#include "superd/running/children.h"

struct hosting;

/* What becomes of connections. */
struct hosting_to {
	void (*over)(const struct connection_end *);
	/* A client of tcpmux wants the service of this number; fd is the
	 * caller's no more, and the connection is not over. */
	void (*chosen)(uint32_t id, int fd, uint32_t service);
};

/* Never NULL. */
struct hosting *hosting_new(struct superd *, const struct hosting_to *);
/* Serve child->handed, whose number is child->hosted.id, from the end of this
 * round on.  shared: others may have it, too. */
void hosting_add(struct hosting *, struct child *, bool shared);
/* End that one, if it has begun. */
void hosting_cut(const struct child *);
/* After each round.  False: there is more to be done at once. */
void hosting_round(struct hosting *);
/* The page that one waits for: see deliveries_found(). */
void hosting_page(const struct child *, int file);
void hosting_found(struct running *, const struct addr *, size_t);

#endif
