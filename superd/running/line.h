/*
 * Accepted connections that wait for their turn.  Knows how many may, and in
 * which order they came; not what they wait for: waiters.h.
 */
#ifndef SUPERD_RUNNING_LINE_H
#define SUPERD_RUNNING_LINE_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

/* A connection that was accepted and has to wait for its turn. */
struct deferred {
	TAILQ_ENTRY(deferred) entry;
	struct connection client;
};

/* Connections to one service, of one client or of those for whom there was
 * no process. */
struct line {
	TAILQ_ENTRY(line) entry;
	struct running *running;
	struct source_entry *source; /* NULL: of several clients */
	TAILQ_HEAD(deferreds, deferred) connections;
	unsigned count;
};

/* Takes a connection, for the line of this client of its service, or (source
 * NULL) of the service.  -1, and nothing is taken: no room, or no memory. */
int line_put(struct source_entry *, struct connection *);
/* One of its connections waits no more: it was taken, or closed. */
void line_take_out(struct line *, struct deferred *);
void line_free_if_empty(struct line *);
/* A service goes: nobody is left who could serve its connections. */
void lines_drop(struct running *);
/* How many of its connections wait. */
unsigned lines_waiting(const struct running *);
/* ... and of all services. */
unsigned lines_all(const struct superd *);

#endif
