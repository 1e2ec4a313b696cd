/*
 * Lines: queues of accepted connections that have to wait.  Knows how many may
 * wait, and their order; waiters.h decides when they go on.
 */
#ifndef SUPERD_RUNNING_LINE_H
#define SUPERD_RUNNING_LINE_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

/* A connection in a line. */
struct deferred {
	TAILQ_ENTRY(deferred) entry;
	struct connection client;
};

/* Connections to one service: of one client that has to wait for a place, or
 * of any clients that have to wait for a process. */
struct line {
	TAILQ_ENTRY(line) entry;
	struct running *running;
	struct source_entry *source; /* the one client; NULL: any */
	TAILQ_HEAD(deferreds, deferred) connections;
	unsigned count;
};

/* Take a connection into the line of its service and of this client (NULL: of
 * any).  0, or -1 with nothing taken: the line is full, or out of memory. */
int line_put(struct source_entry *, struct connection *);
/* Remove and free an entry whose connection was taken or closed. */
void line_take_out(struct line *, struct deferred *);
/* Free a line if nobody waits in it. */
void line_free_if_empty(struct line *);
/* Close all waiting connections of a service that is being removed. */
void lines_drop(struct running *);
/* The number of connections of a service that wait. */
unsigned lines_waiting(const struct running *);
/* The number of connections of all services that wait. */
unsigned lines_all(const struct superd *);

#endif
