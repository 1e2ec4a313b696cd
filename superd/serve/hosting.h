/*
 * The connections of an internal process: streams, tunnels, talks with tcpmux,
 * pages and answers, each kind with its host (services/host.h) around the loop.
 */
#ifndef SUPERD_SERVE_HOSTING_H
#define SUPERD_SERVE_HOSTING_H

#include "services/host.h"
#include "superd/running/children.h"

struct hosting;

/* What to call about connections. */
struct hosting_to {
	/* One has ended, and its descriptor is closed. */
	void (*over)(const struct connection_end *);
	/* A client of tcpmux wants the service of this number.  Takes fd; the
	 * connection is not over. */
	void (*chosen)(uint32_t id, int fd, uint32_t service);
};

/* Serve nobody yet.  Never NULL, and never freed. */
struct hosting *hosting_new(struct superd *, const struct hosting_to *);
/* Serve the connection child->handed with the number child->hosted.id from the
 * end of this round on, and take it then.  shared: another process may have
 * this socket, too.  Without memory the connection is over with ENOMEM. */
void hosting_add(struct hosting *, struct child *, bool shared);
/* End a connection early.  Nothing is done if it has not begun. */
void hosting_cut(const struct child *);
/* Begin with new connections and do what is to be done for the others: after
 * each round of the loop. */
void hosting_round(struct hosting *);
/* Send the page that a connection waits for, see deliveries_found().  Takes
 * file; -1: there is none. */
void hosting_page(const struct child *, int file);
/* The addresses of a redirected service's host were found: at most
 * TUNNEL_TARGETS. */
void hosting_found(struct running *, const struct addr *, size_t);

#endif
