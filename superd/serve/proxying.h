/*
 * Proxies, in an internal process: the header of each connection from one of
 * proxy_from is read (services/proxy.h), and nothing behind it.  Then the
 * client is known, and is served here or given to the daemon (returned.h).
 *
 * A bounded number of connections wait for their headers.  Honest proxies send
 * them at once: where too many of one wait, the one that waits for the longest
 * time makes room.
 */
#ifndef SUPERD_SERVE_PROXYING_H
#define SUPERD_SERVE_PROXYING_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

struct proxying_to {
	/* Serve here a client that is known now, and take it. */
	void (*serve)(struct connection *);
	/* The daemon has taken all that it was given. */
	void (*caught_up)(void);
	int channel; /* to the daemon */
};

/* Nobody waits yet.  Never NULL, and never freed. */
struct proxying *proxying_new(struct superd *, const struct proxying_to *);
/* An accepted connection of a service whose clients come through proxies:
 * takes it. */
void proxying_begin(struct proxying *, struct connection *);
/* Does nobody wait, for the header or for the daemon? */
bool proxying_is_idle(const struct proxying *);

#endif
