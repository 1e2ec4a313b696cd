/*
 * The table of children, by pid or by the number of a connection.  Each
 * connection that an internal process serves counts as a child, with a record
 * of its own that has the pid of that process.  Counting and logging are in
 * child.h.
 */
#ifndef SUPERD_RUNNING_CHILDREN_H
#define SUPERD_RUNNING_CHILDREN_H

#include "superd/running/child_kinds.h"
#include "superd/running/superd.h"

struct asker;

/* For which limit superd has ended it; ending.h. */
enum ending_reason { ENDED_FOR_NONE, ENDED_TIME_LIMIT };

/* Of those few that have a limit, or are about to end. */
struct ending {
	struct loop_timer timer; /* of the limit, or of SIGKILL */
	unsigned kill_after;	 /* seconds */
};

/* A client that is served, or a socket that is lent: for whom it counts, and
 * where.  Who serves it may change: it is asked about at first, perhaps. */
struct child {
	struct child *chain;	   /* in the table */
	pid_t pid;		   /* of whoever serves it, or is asked */
	struct running *running;   /* whose counters it is in */
	struct listener *listener; /* a wait child's; NULL otherwise */
	/* ... to whom it is given back */
	void (*gave_back)(struct listener *, const struct child *);
	struct addr peer;	     /* len 0: none */
	unsigned places;	     /* bits of enum place_kind */
	bool tallied;		     /* tally.h: in this process's slot */
	bool told, uncounted;	     /* connection.h */
	struct source_entry *source; /* counted there too, or NULL, */
	struct source_entry *total;  /* and with all in its pool */
	int handed;		     /* its connection, which its server is
				      * still to get, or -1 */
	int64_t started;	     /* loop_clock() */
	time_t started_at;
	struct addr *local;    /* malloc'd, where records have it or a proxy
				* has told it; or NULL */
	struct ending *ending; /* or NULL */
	uint8_t killed;	       /* by us, with this signal; 0: no */
	enum ending_reason ended_for : 8;
	enum child_kind kind; /* which of these it is: */
	union {
		struct asker *asker; /* it is the child's; NULL: it has ended */
		struct child_process own;
		struct hosted hosted;
	};
};

/* The peer as limits of clients count it; NULL: they do not. */
static inline const struct addr *
child_counted(const struct child *child)
{
	return child->peer.len > 0 && !child->uncounted ? &child->peer : NULL;
}

/* Who is still asked about is not served yet. */
static inline bool
child_is_session(const struct child *child)
{
	return child->kind != CHILD_ASKED;
}

struct children;

struct children *children_new(void); /* never NULL */
/* The number of children, connections included. */
size_t children_count(const struct children *);
/* The child with this number of a connection, or NULL, as for 0. */
struct child *children_connection(const struct children *, uint32_t);
/* Call fn for each child, in no order; fn must not add or remove any. */
void children_each(const struct children *,
    void (*fn)(void *arg, const struct child *), void *arg);
/* Send a signal to every child that has a process of its own. */
void children_signal(const struct children *, int signo);

/* Allocate the record of one child, and what its limits need, in advance, so
 * that child_add() cannot fail.  False: out of memory, and no child may be
 * started. */
bool children_prepare(struct children *);
/* A zeroed record, the caller's until it is added.  Ends the process if none
 * was prepared and there is no memory. */
struct child *children_record(struct children *);
/* A zeroed one, the caller's; NULL: none was prepared, and there is no
 * memory. */
struct ending *children_ending(struct children *);
/* Add a record by its pid, or by its connection if that is not 0; these must
 * not change until it is removed. */
void children_add(struct children *, struct child *);
/* Remove a record, which is the caller's again. */
void children_remove(struct children *, struct child *);
/* Pass each record to release(), which frees it, and free the table. */
void children_release(struct children *, void (*release)(struct child *));

#endif
