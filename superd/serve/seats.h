/*
 * Seats: which internal process serves which service.  There are as many as
 * internal_processes says, and one for each service with process = own; the
 * process in a seat comes and goes.  A service keeps its seat for as long as
 * internal_processes stays what it is; one that is new gets the seat that has
 * the fewest.
 */
#ifndef SUPERD_SERVE_SEATS_H
#define SUPERD_SERVE_SEATS_H

#include "superd/base/loop.h"
#include "superd/running/superd.h"

struct internal;

struct seat {
	TAILQ_ENTRY(seat) entry;
	struct superd *superd;
	const struct running *owner; /* process = own; NULL: it is shared */
	unsigned number;	     /* of those that are shared, from 1 on */
	size_t services;	     /* that have it; 0: it is free */
	struct internal *now;	     /* who serves them, or NULL */
	unsigned deaths;	     /* soon after the start, in a row */
	struct loop_timer pause;
};

TAILQ_HEAD(seat_list, seat);

struct seats {
	struct seat_list list;
	unsigned shared; /* so many of them; 0: none was assigned yet */
};

/* Start with no seats. */
void seats_init(struct seats *);
/* Does an internal process serve the clients of this service once they are
 * admitted? */
bool seats_serve(const struct running *);
/* Give each such service a seat.  start is what the seat's timer calls, with
 * the seat.  Seats that are not used any more stay until seats_free(). */
void seats_assign(struct superd *, struct seats *, loop_fn *start);
/* Free all seats; no process may be in one. */
void seats_free(struct seats *);
/* Show the services of a seat as paused (BLOCK_WORKER) while no process is in
 * it. */
void seat_show_pause(const struct seat *);
/* The name of the process: "internal" if there is only one, otherwise with its
 * number or its service added.  malloc'd; NULL: no memory. */
char *seat_title(const struct seat *);

#endif
