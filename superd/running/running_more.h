/*
 * State that few services need, allocated on first use: of refused clients, of
 * failed starts and of children that have ended.
 */
#ifndef SUPERD_RUNNING_RUNNING_MORE_H
#define SUPERD_RUNNING_RUNNING_MORE_H

#include "superd/running/ends.h"
#include "superd/running/superd.h"

/* at: loop_clock(); 0: there was none. */
struct last_failure {	  /* of a start */
	const char *step; /* a constant string */
	int error;
	pid_t pid;
	int64_t at;
};

struct last_exit {  /* of a child, or a connection */
	int status; /* of waitpid(2) */
	pid_t pid;
	int64_t at;
};

struct running_more {
	struct loop_timer rate_timer; /* end of BLOCK_RATE */
	struct last_failure last_failure;
	struct last_exit last_exit;
	struct ends ends;
	struct limiter refusals, pauses; /* of log lines */
	struct bucket lookups;		 /* of a redirect's host */
};

/* The state for reading; all zero if none was allocated. */
const struct running_more *running_more_of(const struct running *);
/* The state for writing.  NULL: out of memory; the service goes on without. */
struct running_more *running_more_get(struct running *);

#endif
