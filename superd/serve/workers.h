/*
 * Workers, seen from superd: processes that serve the connections of one
 * kind of internal service, or of one redirected service, all together.  A
 * worker is started when it is first needed, ends when it had nothing to do
 * for a while, and is replaced when it died.  Connections are given to it
 * through a channel (services/worker.h) and counted as children (child.h),
 * until it says that they are over or ends itself.
 */
#ifndef SUPERD_SERVE_WORKERS_H
#define SUPERD_SERVE_WORKERS_H

#include "superd/base/pulse.h"
#include "superd/running/children.h"
#include "superd/running/superd.h"

TAILQ_HEAD(connections, child);

struct worker_process {
	TAILQ_ENTRY(worker_process) entry;
	struct superd *superd;
	struct crew *crew; /* NULL: gets no more connections */
	struct process process;
	pid_t pid;
	char *title;
	int channel; /* -1: closed, it is about to end */
	struct connections connections;
	size_t count;		    /* of these */
	struct connections waiting; /* ... which are not sent yet */
	size_t nwaiting;
	bool full;		 /* the channel has no room for them */
	struct loop_timer again; /* or it has, but the kernel has not */
	struct loop_timer idle;
	int64_t started;    /* loop_clock() */
	bool dismissed;	    /* we want it to end */
	struct pulse pulse; /* asked while it has connections */
	bool hung;	    /* it did not answer */
};

struct workers *workers_new(void);
/* Whoever has connections goes on to serve them. */
void workers_free(struct workers *);
/*
 * Give a connection away, with the next workers_flush().  Where the child's
 * handed is fd it is kept till then, and closed; else it stays the caller's.
 * NULL with errno if there is no worker and can be none now.
 */
struct child *workers_give(struct running *, int fd, const struct addr *peer);
/* The same, at once, for the connection of one that is counted already as a
 * child of its own, which has ended.  -1 with errno: it keeps it. */
int workers_resume(struct child *);
/*
 * Send what was given since the last time: in one message, if it can be.
 * Due before anything else is started, so that no child of ours comes to
 * share the connections.
 */
void workers_flush(struct superd *);
/* The service changes or goes: its own worker gets no more connections. */
void workers_retire(struct running *);
void workers_signal(const struct workers *, int signo);
/* NULL after the last. */
const struct worker_process *workers_first(const struct workers *);
const struct worker_process *workers_next(const struct worker_process *);

#endif
