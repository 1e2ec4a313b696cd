/*
 * Pulse: does a process that serves many still run its loop?  Every few
 * seconds it is asked to answer, through an eventfd(2) that never blocks and
 * is never full; that it was heard is its owner's to say.  Costs nothing
 * while it rests.
 */
#ifndef SUPERD_BASE_PULSE_H
#define SUPERD_BASE_PULSE_H

#include "superd/base/loop.h"

struct pulse {
	struct loop *loop;
	int fd; /* -1: closed */
	struct loop_timer timer;
	unsigned silent; /* seconds since it was asked */
	unsigned patience;
	loop_fn *hung;
	void *arg;
};

/* hung(arg) is called when it has been silent for so many seconds.  The other
 * end of fd is the process's, for reading.  -1 with errno. */
int pulse_open(struct pulse *, struct loop *, unsigned patience, loop_fn *hung,
    void *arg);
/* Ask from now on, if it is not asked already; and ask no more. */
void pulse_start(struct pulse *);
void pulse_rest(struct pulse *);
/* It has said something. */
void pulse_heard(struct pulse *);
void pulse_close(struct pulse *);

#endif
