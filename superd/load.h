/*
 * What the loader does: reads and checks the configuration, and compares it
 * with what runs.  Everything here runs in the loader's process; the daemon
 * itself reads no file and asks for no name.
 */
#ifndef SUPERD_LOAD_H
#define SUPERD_LOAD_H

#include "conf/arena.h"
#include "conf/diff.h"
#include "superd/running/superd.h"

/* What is said of a new conf besides itself. */
struct load_told {
	struct reports *reports;
	struct diff diff;   /* from what runs; list is not to be freed */
	size_t retries;	    /* entries that may come right by themselves */
	size_t descriptors; /* that its services want */
	bool same;	    /* nothing at all differs from what runs */
};

/* One load: zero but superd. */
struct load {
	struct superd *superd;
	struct conf *conf;
	const struct conf *copy;
	struct reports reports;
};

/* For struct loader_job; load is a struct load.  The first returns a const
 * struct conf, the second a struct load_told. */
const void *load_build(void *load, struct arena *);
void *load_tell(void *load, struct arena *);

#endif
