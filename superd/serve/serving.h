/*
 * Inside an internal process: it accepts, admits and serves the clients of its
 * services with the code of the daemon, on a copy of the daemon's state that
 * it was forked with, tells what happens (running/inside.h), and does what it
 * is ordered to (order.h).
 */
#ifndef SUPERD_SERVE_SERVING_H
#define SUPERD_SERVE_SERVING_H

#include "superd/base/ring.h"
#include "superd/running/superd.h"

struct child;
struct connection;
struct internal;

struct serving_start {
	struct superd *superd;
	struct internal *self;
	struct running **services;
	const bool *own; /* which of these it serves; it knows the others */
	size_t nservices;
	struct ring *ring;
	int knock;
	unsigned slot; /* of the numbers of its connections, and of tally.h */
};

/* The numbers of its connections have its slot in the uppermost bits. */
enum { SLOT_SHIFT = 22 };

/* Be an internal process, after fork(2) and with no privilege any more: until
 * the last connection has ended after it was retired.  Orders come on
 * descriptor 0; SPAWN_BESIDE is asked whether the process still runs.  The
 * argument is a struct serving_start. */
void serving_run(const void *serving_start);
/* In an internal process: start() of struct way.  Never NULL. */
struct child *serving_begin(const struct connection *);

#endif
