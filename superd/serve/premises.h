/*
 * Premises: what an internal process is forked with, besides its services, and
 * cannot see change.  When they do not hold any more, it is replaced.
 */
#ifndef SUPERD_SERVE_PREMISES_H
#define SUPERD_SERVE_PREMISES_H

#include <sys/types.h>
#include <stdbool.h>
#include <time.h>

#include "superd/running/superd.h"

struct premises {
	struct client_bits client_bits;
	unsigned processes;	     /* internal_processes */
	unsigned connections, talks; /* sizes of their pools */
	/* the file of the time zone, which it does not read */
	ino_t zone;
	time_t zone_changed;
};

/* Fill in what is so now. */
void premises_take(struct premises *, const struct superd *);
/* Is all of it still so? */
bool premises_hold(const struct premises *, const struct superd *);

#endif
