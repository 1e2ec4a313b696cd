/*
 * Children: the table of those that run, found by pid; and what the end of
 * one releases.
 */
#ifndef SUPERD_CHILD_H
#define SUPERD_CHILD_H

#include "superd/superd.h"

struct child {
	struct child *chain;		/* in the table */
	pid_t pid;
	struct live *live;		/* whose counters it is in */
	struct listener *listener;	/* a wait child's; NULL otherwise */
	struct addr peer;		/* len 0: none */
	bool counted_source;		/* in the source's children */
	bool talking;			/* to tcpmux, no service chosen yet */
	int mux;			/* our end of that talk, or -1 */
	int64_t started;		/* loop_clock() */
	time_t started_at;
};

struct children;

struct children *children_new(void);
void	children_free(struct children *);
size_t	children_count(const struct children *);
struct child *children_find(const struct children *, pid_t);
/* Call fn for each, in no order; fn must not add or remove. */
void	children_each(const struct children *,
	    void (*fn)(void *arg, const struct child *), void *arg);

/* Record a child that was just started for a live; counts it. */
struct child *child_add(struct live *, pid_t, const struct addr *peer);
/* tcpmux: the child goes on as one of another service. */
void	child_move(struct child *, struct live *);
/* Reap all that ended; loop_fn of SIGCHLD, arg is the struct superd. */
void	children_reap(void *superd);
/* Send a signal to every child. */
void	children_signal(const struct children *, int signo);

#endif
