/*
 * Children: the table of those that run, found by pid; and what the end of
 * one releases.  A connection that a worker serves among others counts as a
 * child: it has a record of its own, with the worker's pid.
 */
#ifndef SUPERD_CHILD_H
#define SUPERD_CHILD_H

#include "superd/superd.h"

struct child {
	struct child *chain;		/* in the table */
	struct process process;		/* of its own, unless it is asked for */
	pid_t pid;
	struct live *live;		/* whose counters it is in */
	struct listener *listener;	/* a wait child's; NULL otherwise */
	/* ... to whom it is given back */
	void (*gave_back)(struct listener *, const struct child *);
	struct errout *errout;		/* its stderr, or NULL */
	struct addr peer;		/* len 0: none */
	unsigned places;		/* bits of enum place_kind */
	struct source_entry *source;	/* counted there too, or NULL, */
	struct source_entry *total;	/* and with all in its pool */
	struct asker *asker;		/* asking.h: its process, or NULL */
	bool talks;			/* it asks for a service of tcpmux */
	int handed;			/* its connection, which its server is
					 * still to get, or -1 */
	struct worker_process *worker;	/* NULL: a process of its own */
	TAILQ_ENTRY(child) mates;	/* the worker's connections */
	TAILQ_ENTRY(child) queue;	/* ... on their way to it */
	uint32_t connection;		/* its number there */
	bool traffic_known;
	uint64_t in, out;		/* octets, then */
	int64_t started;		/* loop_clock() */
	time_t started_at;
};

struct children;

struct children *children_new(void);
void	children_free(struct children *);
size_t	children_count(const struct children *);
/* Processes of their own only. */
struct child *children_find(const struct children *, pid_t);
/* By the number of a worker's connection; 0 is none. */
struct child *children_connection(const struct children *, uint32_t);
/* Call fn for each, in no order; fn must not add or remove. */
void	children_each(const struct children *,
	    void (*fn)(void *arg, const struct child *), void *arg);

/* Make sure that child_add() has memory for one child.  false: there is
 * none, and whoever would be started cannot be. */
bool	children_prepare(struct children *);
/* Record a child that was just started for a live; counts it.  Ends the
 * process where nothing was prepared and there is no memory. */
struct child *child_add(struct live *, pid_t, const struct addr *peer);
/* The same for a client of the service that is served from now on; and log
 * its start, which can be done later. */
struct child *live_counted(struct live *, pid_t, const struct addr *peer);
struct child *live_started(struct live *, pid_t, const struct addr *peer);
void	live_log_start(const struct live *, pid_t, const struct addr *peer);
/* It has a process of its own, whose end is the child's. */
void	child_runs(struct child *);
/* ... or an asker's, which may fail in the same way: process_report_fn. */
void	child_reported(void *child, const struct spawn_report *);
/* It is another process now. */
void	child_became(struct child *, pid_t);
/* It is not a process any more, but a connection of a worker. */
void	child_connect(struct child *, struct worker_process *,
	    uint32_t connection);
/* It ended with this status of waitpid(2): log it, and count it out. */
void	child_end(struct child *, int status);
/* The same for one that never was a service's: nothing is logged. */
void	child_drop(struct child *);
/* tcpmux: the talk is over, and the child goes on as one of another service,
 * whose process is still to come. */
void	child_move(struct child *, struct live *);
/* Send a signal to every child that is a process. */
void	children_signal(const struct children *, int signo);

#endif
