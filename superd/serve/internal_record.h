/*
 * What the daemon knows of an internal process.  serve/internal.c makes and
 * frees the record, and owns what it points to but the services; notices.c,
 * post.c and printing.c, which have parts of the work, change what they have
 * to.
 */
#ifndef SUPERD_SERVE_INTERNAL_RECORD_H
#define SUPERD_SERVE_INTERNAL_RECORD_H

#include "superd/base/pulse.h"
#include "superd/base/ring.h"
#include "superd/running/children.h"
#include "superd/running/superd.h"

TAILQ_HEAD(connections, child);

struct internal {
	TAILQ_ENTRY(internal) entry;
	struct superd *superd;
	struct process process;
	pid_t pid;
	char *title;
	struct running **services; /* that it knows, by address */
	bool *gone;		   /* which are not, any more */
	bool *own;		   /* which it serves, of its seat */
	size_t nservices;
	int channel; /* -1: closed, it is about to end */
	int knock;   /* readable: it has told something; -1: it has ended */
	int knocker; /* the other end, until it has that */
	struct ring *ring; /* of notices, in memory that both have */
	struct connections connections;
	size_t count;		  /* of these */
	unsigned slot;		  /* its page of the tally, from 1 */
	struct seat *seat;	  /* it has, or had */
	uint64_t generation;	  /* of what it knows */
	int64_t started;	  /* loop_clock() */
	bool retired;		  /* told to be */
	bool listening;		  /* it has not said yet that it is */
	bool hung;		  /* it did not answer */
	bool released;		  /* connections of it have ended */
	bool broken;		  /* it has said what cannot be */
	unsigned most;		  /* connections: as it knows it */
	struct limiter shortages; /* lines about them */
	struct pulse pulse;
	STAILQ_HEAD(posts, post) posts; /* orders on their way */
	size_t nposts;
	struct loop_timer again;
};

#endif
