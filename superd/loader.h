/*
 * The loader: one load at a time, in a child with limits of its own.  It may
 * wait for name servers, run out of memory, crash, or be ended by a library:
 * that costs this load, and nobody waits for it.  Knows processes and memory;
 * what is loaded is its caller's.
 */
#ifndef SUPERD_LOADER_H
#define SUPERD_LOADER_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf/arena.h"
#include "superd/base/loop.h"
#include "superd/base/region.h"

struct loader;

struct loader_job {
	size_t memory;	  /* bytes it may use; 0: a gigabyte, or four
			     times what the last one used */
	unsigned seconds; /* until it is given up */
	/* In the child: the result, in the arena.  Pointers may lead to what
	 * build() has returned, and to what was in memory before the fork. */
	const void *(*build)(void *arg, struct arena *);
	/* ... and what is looked at once, and may be written to. */
	void *(*tell)(void *arg, struct arena *);
	void *arg;
};

enum { LOADER_REASON = 320 };

/* What became of it. */
struct loaded {
	struct region region; /* the caller's: free it, or keep it */
	const void *built;    /* NULL: see reason */
	void *told;
	char reason[LOADER_REASON];
};

typedef void loader_fn(void *arg, struct loaded *);

/* fn is called from the loop with the end of each load. */
struct loader *loader_new(struct loop *, loader_fn *fn, void *arg);
void loader_free(struct loader *);
/* Only where none is running.  -1 with errno: no memory, no process. */
int loader_start(struct loader *, const struct loader_job *);
bool loader_running(const struct loader *);
/* End the one that runs, if one does; fn is not called. */
void loader_cancel(struct loader *);

#endif
