/*
 * Pulse: a heartbeat that detects a child process whose loop hangs.  Every
 * other second, or every ten while it is at rest, the process is asked for an
 * answer with an octet in a pipe, of which the asking end is the owner's alone:
 * with the other one the process cannot make it wait.  The owner reports
 * answers with pulse_heard().  All pulses at rest ask in the same moment, so
 * that many cost a sleeping daemon no more wakeups than one.
 */
#ifndef SUPERD_BASE_PULSE_H
#define SUPERD_BASE_PULSE_H

#include "superd/base/loop.h"

struct pulse {
	struct loop *loop;
	int fd;	   /* -1: closed */
	int asked; /* the other end, for the process; -1: closed */
	struct loop_timer timer;
	bool rests;
	unsigned silent;   /* seconds since the unanswered question */
	unsigned patience; /* seconds */
	loop_fn *hung;
	void *arg;
};

/* Make a pulse that does not ask yet; the process reads from its copy of asked.
 * hung(arg) is called from the loop, once, when a question has had no answer
 * for patience seconds.  0, or -1 with errno. */
int pulse_open(struct pulse *, struct loop *, unsigned patience, loop_fn *hung,
    void *arg);
/* The process has its end: close ours of it. */
void pulse_given(struct pulse *);
/* Ask every 2 seconds; harmless if it is closed. */
void pulse_start(struct pulse *);
/* Ask every 10 seconds; harmless if it is closed. */
void pulse_rest(struct pulse *);
/* The process has answered, or has sent anything else. */
void pulse_heard(struct pulse *);
/* Stop asking and close fd; harmless if it is closed. */
void pulse_close(struct pulse *);

#endif
