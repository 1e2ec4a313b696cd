/*
 * What few services need, made when it is first needed: how their clients
 * were refused and their children ended.  Most of thousands of services have
 * had none yet.
 */
#ifndef SUPERD_RUNNING_RUNNING_MORE_H
#define SUPERD_RUNNING_RUNNING_MORE_H

#include "superd/running/superd.h"

/* at: loop_clock(); 0: there was none. */
struct last_failure {	  /* of a start */
	const char *step; /* a constant */
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
	struct limiter refusals, pauses; /* lines about them */
	struct bucket lookups;		 /* of a redirected service's host */
};

/* To look at; all zero where there is none. */
const struct running_more *running_more_of(const struct running *);
/* To change it; NULL: no memory, which is no reason to serve nobody. */
struct running_more *running_more_get(struct running *);

#endif
