/*
 * The loop: descriptors and timers around one pselect(), the only place where
 * the daemon sleeps.  Knows descriptors and functions only; signals are
 * descriptors to it (loop_signal.h).
 *
 * select(2)'s limit of 1,024 is glibc's, not the kernel's: the sets here are
 * the loop's own bit arrays, as long as the largest descriptor needs.  Above
 * LOOP_DIRECT listeners, these are parked behind one epoll(7) descriptor that
 * pselect() watches in their place, so that idle ones cost nothing.
 */
#ifndef SUPERD_BASE_LOOP_H
#define SUPERD_BASE_LOOP_H

#include "superd/base/histogram.h"
#include "superd/base/loop_timer.h"
#include "superd/base/loop_types.h"

/* How many listeners pselect() watches by itself. */
enum { LOOP_DIRECT = 16 };

/* Never returns NULL (ends the process: nothing can run without it). */
struct loop *loop_new(void);
void loop_free(struct loop *);

/*
 * Call fn(arg) whenever fd is readable (or writable: loop_watch_write).  A
 * descriptor has at most one function for each.  Must be undone before fd is
 * closed.  -1 with errno: no memory.
 */
int loop_watch(struct loop *, int fd, loop_fn *, void *arg);
int loop_watch_write(struct loop *, int fd, loop_fn *, void *arg);
/* The same as loop_watch for one of very many: may be parked. */
int loop_watch_listener(struct loop *, int fd, loop_fn *, void *arg);
/* Both directions; harmless if fd is not watched. */
void loop_unwatch(struct loop *, int fd);
void loop_unwatch_write(struct loop *, int fd);

/* Call fn(arg) after each round of events. */
void loop_after_round(struct loop *, loop_fn *, void *arg);

/*
 * Until loop_stop().  Meanwhile every signal is blocked but while it sleeps,
 * so that children are born with all of them blocked.  While pselect() fails
 * for want of memory, and the like, there is a look every 20 ms.  -1 with
 * errno: a descriptor was closed that is still watched.
 */
int loop_run(struct loop *);
void loop_stop(struct loop *);
/* For how long rounds kept others waiting, and the bounds of that. */
const struct histogram *loop_busy(const struct loop *);
extern const int64_t loop_busy_bounds[HISTOGRAM_BOUNDS];

/* Only for children that go on without exec: close what the loop opened. */
void loop_forget(struct loop *);
/* ... or begin anew: nothing is watched, no timer runs, and no signal is
 * blocked; what the loop had open is the caller's to close. */
void loop_restart(struct loop *);

#endif
