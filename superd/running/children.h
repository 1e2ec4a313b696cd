/*
 * The table of children, found by pid or by the number of a connection.  A
 * connection that an internal process serves among others counts as a child:
 * it has a record of its own, with that one's pid.  What its start and its end
 * mean is child.h.
 */
#ifndef SUPERD_RUNNING_CHILDREN_H
#define SUPERD_RUNNING_CHILDREN_H

#include "superd/running/superd.h"
#include "superd/spawn/process.h"

struct internal;

struct child {
	struct child *chain;	/* in the table */
	struct process process; /* of its own, unless it is asked for */
	pid_t pid;
	struct running *running;   /* whose counters it is in */
	struct listener *listener; /* a wait child's; NULL otherwise */
	/* ... to whom it is given back */
	void (*gave_back)(struct listener *, const struct child *);
	struct stderr_pipe *stderr_pipe; /* its stderr, or NULL */
	struct addr peer;		 /* len 0: none */
	unsigned places;		 /* bits of enum place_kind */
	struct source_entry *source;	 /* counted there too, or NULL, */
	struct source_entry *total;	 /* and with all in its pool */
	struct asker *asker;		 /* asking.h: its process, or NULL */
	int handed;			 /* its connection, which its server is
					  * still to get, or -1 */
	struct internal *internal;	 /* NULL: a process of its own */
	TAILQ_ENTRY(child) mates;	 /* the internal process's */
	TAILQ_ENTRY(child) queue;	 /* ... about to be served there */
	uint32_t connection;		 /* its number there */
	uint32_t wanted;		 /* ... that of the service it wants */
	bool traffic_known;
	uint64_t in, out; /* octets, then */
	int64_t started;  /* loop_clock() */
	time_t started_at;
};

struct children;

struct children *children_new(void);
size_t children_count(const struct children *);
/* By the number of a connection; 0 is none. */
struct child *children_connection(const struct children *, uint32_t);
/* Call fn for each, in no order; fn must not add or remove. */
void children_each(const struct children *,
    void (*fn)(void *arg, const struct child *), void *arg);
/* Send a signal to every child that is a process. */
void children_signal(const struct children *, int signo);

/* Make sure that child_add() has memory for one child.  false: there is
 * none, and whoever would be started cannot be. */
bool children_prepare(struct children *);
/* That memory, zeroed: the caller's until it is added.  Ends the process
 * where nothing was prepared and there is none. */
struct child *children_record(struct children *);
/* By its pid, or its connection, which are not to change then. */
void children_add(struct children *, struct child *);
void children_remove(struct children *, struct child *);
/* Free the table, and give up each record in it. */
void children_release(struct children *, void (*release)(struct child *));

#endif
