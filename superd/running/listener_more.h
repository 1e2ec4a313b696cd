/*
 * What few listeners need, made when it is first needed: timers and counts of
 * those that cannot be bound, are woken for nothing, or are lent to servers.
 * With thousands of listeners it is most of what each would take.
 */
#ifndef SUPERD_RUNNING_LISTENER_MORE_H
#define SUPERD_RUNNING_LISTENER_MORE_H

#include "superd/running/superd.h"

/* The waiting head of a wait listener, to know whether it was read. */
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

/* To look at; all zero where there is none. */
const struct listener_more *more_of(const struct listener *);
/* To change it; NULL: no memory. */
struct listener_more *more_get(struct listener *);
/* The same where the process ends without memory. */
struct listener_more *more_need(struct listener *)
    __attribute__((returns_nonnull));
/* The listener goes; its timer is stopped, and aside forgotten. */
void more_free(struct listener *);

#endif
