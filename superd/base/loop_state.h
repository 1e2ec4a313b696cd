/*
 * A loop as its parts know it: what is watched, which timers run, and what each
 * round needs of both, here for the sake of speed.
 */
#ifndef SUPERD_BASE_LOOP_STATE_H
#define SUPERD_BASE_LOOP_STATE_H

#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "superd/base/clock.h"
#include "superd/base/histogram.h"
#include "superd/base/loop_types.h"

enum { EVENTS = 64, WORD = sizeof(unsigned long) * CHAR_BIT };

struct watch {
	union {
		loop_fn *read;
		loop_events_fn *events;
	};
	loop_fn *write;
	void *read_arg, *write_arg;
	unsigned serial; /* round in which it was set */
	bool listener, parked;
	bool raw;	  /* for events */
	unsigned known;	  /* to epoll, where that waits for all */
	unsigned counted; /* how often it was set: in its events */
};

struct ready {
	int fd;
	bool read, write;
};

RB_HEAD(loop_timers, loop_timer);

struct loop {
	struct watch *watches; /* by descriptor */
	size_t room;
	unsigned long *want[2], *got[2]; /* bit sets: read, write */
	int top;  /* one above the largest descriptor in a set */
	int last; /* served last */
	unsigned serial;
	struct ready *ready;
	size_t nready;

	int epoll; /* -1 until needed */
	size_t listeners;
	bool parking;
	bool many; /* epoll waits for everything */
	loop_fn *after;
	void *after_arg;

	struct loop_timers timers;

	int signals; /* signalfd, or -1 */
	sigset_t mask;
	sigset_t open;	 /* signals that are never blocked */
	sigset_t asleep; /* what is blocked while nothing runs */
	loop_fn *signal_fn[NSIG];
	void *signal_arg[NSIG];

	int64_t now;
	struct histogram busy; /* rounds */
	bool stop;
};

/* Room for the first descriptors.  Ends the process where there is no memory
 * for it. */
void loop_room_new(struct loop *);
void loop_room_free(struct loop *);
/* For fd too.  -1 with errno: no memory; what was there stays. */
int loop_room_grow(struct loop *, int fd);

/* Bit sets. */

static inline void
bit_set(unsigned long *set, int fd)
{
	set[(size_t)fd / WORD] |= 1ul << ((size_t)fd % WORD);
}

static inline void
bit_clear(unsigned long *set, int fd)
{
	set[(size_t)fd / WORD] &= ~(1ul << ((size_t)fd % WORD));
}

static inline bool
bit_is_set(const unsigned long *set, int fd)
{
	return (set[(size_t)fd / WORD] >> ((size_t)fd % WORD)) & 1;
}

static inline size_t
words(size_t bits)
{
	return (bits + WORD - 1) / WORD;
}

/* Watching. */

static inline void
top_raise(struct loop *loop, int fd)
{
	if (fd >= loop->top)
		loop->top = fd + 1;
}

static inline void
top_lower(struct loop *loop)
{
	while (loop->top > 0 && !bit_is_set(loop->want[0], loop->top - 1) &&
	    !bit_is_set(loop->want[1], loop->top - 1))
		loop->top--;
}

static inline void
read_direct(struct loop *loop, int fd)
{
	bit_set(loop->want[0], fd);
	top_raise(loop, fd);
}

/* NULL with errno: no memory. */
static inline struct watch *
watch_new(struct loop *loop, int fd)
{
	if ((size_t)fd >= loop->room && loop_room_grow(loop, fd) != 0)
		return NULL;
	loop->watches[fd].serial = loop->serial;
	loop->watches[fd].counted++;
	return &loop->watches[fd];
}

/* Timers. */

/* The next one to come, or NULL. */
static inline struct loop_timer *
loop_first_timer(const struct loop *loop)
{
	struct loop_timer *timer = RB_ROOT(&loop->timers);

	while (timer != NULL && RB_LEFT(timer, entry) != NULL)
		timer = RB_LEFT(timer, entry);
	return timer;
}

static inline int64_t
loop_read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

#endif
