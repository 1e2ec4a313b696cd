/*
 * Pipes for splice(2), lent to whoever has data under way.  Some of those that
 * come back are kept for the next.
 */
#ifndef SERVICES_PIPES_H
#define SERVICES_PIPES_H

#include <stdbool.h>
#include <stddef.h>

#include <bsd/sys/queue.h>

/* Octets that each is asked to hold. */
enum { PIPE_ROOM = 1 << 18 };

struct pipe {
	int ends[2]; /* non-blocking, close-on-exec */
	SLIST_ENTRY(pipe) entry;
};

/* All zero at first but for most. */
struct pipes {
	SLIST_HEAD(pipe_list, pipe) kept;
	size_t nkept, open; /* kept for the next; all */
	size_t most;	    /* open at once */
};

/* Borrow one.  NULL: there can be none. */
struct pipe *pipes_get(struct pipes *);
/* Give it back.  empty: nothing is in it; only then it can be another's. */
void pipes_put(struct pipes *, struct pipe *, bool empty);

#endif
