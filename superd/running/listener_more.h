/*
 * State that few listeners need, allocated on first use, since it is larger
 * than the rest of a listener: timers and counts for listeners that cannot be
 * bound, that are woken for nothing, or that are lent to servers.
 */
#ifndef SUPERD_RUNNING_LISTENER_MORE_H
#define SUPERD_RUNNING_LISTENER_MORE_H

#include "superd/running/superd.h"

/* What was first in the receive queue of a wait listener, to know whether its
 * server has read it. */
struct waiting {
	bool known;
	bool stamped;	 /* digest holds the time of arrival: exact */
	uint64_t digest; /* of the first datagram, or queue length */
};

struct listener_more {
	struct loop_timer timer;  /* bind again, or end of back-off */
	unsigned tries;		  /* failed binds in a row */
	unsigned futile;	  /* wakeups in a row for nothing */
	int64_t futile_at;	  /* the last one; loop_now() */
	unsigned rests;		  /* in a row, for that */
	enum refusal refused_for; /* while aside refuses */
	int64_t renewed;	  /* loop_now() */
	struct limiter lines;	  /* of the log about these */
	struct aside *aside;	  /* a process of aside.h, or NULL */
	struct waiting waiting;
	struct backlog *backlog; /* at that moment; NULL: not asked */
	unsigned unread;	 /* servers in a row that read nothing */
	unsigned suspicions;
	unsigned same_head; /* ... of these on one datagram */
};

/* The state for reading; all zero if none was allocated. */
const struct listener_more *more_of(const struct listener *);
/* The state for writing.  NULL: out of memory. */
struct listener_more *more_get(struct listener *);
/* The same, but ends the process if it is out of memory. */
struct listener_more *more_need(struct listener *)
    __attribute__((returns_nonnull));
/* Stop its timer, call aside_forget(), and free it. */
void more_free(struct listener *);

#endif
