/*
 * One internal process: what the daemon knows of it, and how it is started and
 * forgotten.  Which there are, and when, is internal.h.
 */
#ifndef SUPERD_SERVE_INTERNAL_PROCESS_H
#define SUPERD_SERVE_INTERNAL_PROCESS_H

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
	size_t nservices;
	int channel; /* -1: closed, it is about to end */
	int knock;
	struct ring *ring;
	struct connections connections;
	size_t count; /* of these */
	unsigned slot;
	int64_t started; /* loop_clock() */
	bool retired;	 /* told to be */
	bool listening;	 /* it has not said yet that it is */
	bool hung;	 /* it did not answer */
	bool released;	 /* connections of it have ended */
	struct pulse pulse;
	STAILQ_HEAD(posts, post) posts; /* orders on their way */
	struct loop_timer again;
};

/* All get the struct internal. */
struct internal_hooks {
	unsigned patience; /* seconds without an answer */
	loop_fn *knocked;  /* it has told something */
	loop_fn *speaks;   /* on its channel, or has closed that */
	loop_fn *hung;
	process_ended_fn *ended;
	process_report_fn *failed;
};

/* How many services are internal or redirected. */
size_t internal_count_services(struct superd *);
/* Fork one for all of them; slot: 1 to 255, no other's.  NULL: there can be
 * none now. */
struct internal *internal_process_start(struct superd *, unsigned slot,
    const struct internal_hooks *);
/* It gets no more orders. */
void internal_process_close(struct internal *);
/* It is left to end. */
void internal_process_free(struct internal *);

#endif
