/*
 * The loop: descriptors, timers and signals around one pselect(), the only
 * place where the daemon sleeps.  Knows descriptors and functions only.
 *
 * select(2)'s limit of 1,024 is glibc's, not the kernel's: the sets here are
 * the loop's own bit arrays, as long as the largest descriptor needs.  Above
 * LOOP_DIRECT listeners, these are parked behind one epoll(7) descriptor that
 * pselect() watches in their place, so that idle ones cost nothing.
 */
#ifndef SUPERD_BASE_LOOP_H
#define SUPERD_BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/tree.h>

struct loop;

typedef void loop_fn(void *arg);
/* events: of epoll(7). */
typedef void loop_events_fn(void *arg, unsigned events);

/* How many listeners pselect() watches by itself. */
enum { LOOP_DIRECT = 16 };

/* Part of its owner's struct; all zero before loop_timer_init(). */
struct loop_timer {
	loop_fn *fn;
	void *arg;
	int64_t at; /* loop_clock() value */
	bool running;
	RB_ENTRY(loop_timer) entry;
};

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

/* What it calls.  Leaves a timer that runs running. */
void loop_timer_init(struct loop_timer *, loop_fn *, void *arg);

/*
 * A process that serves many connections: from now on it is epoll(7) that
 * waits for everything, and descriptors may be watched for events of it,
 * EPOLLET too; loop_unwatch() as for others.  Nothing may be watched yet.  -1
 * with errno.
 */
int loop_for_many(struct loop *);
int loop_watch_events(struct loop *, int fd, unsigned events, loop_events_fn *,
    void *arg);
int loop_change_events(struct loop *, int fd, unsigned events);
/* The same as loop_unwatch() for one that is closed now and that no other
 * process has: the kernel forgets it by itself. */
void loop_unwatch_closed(struct loop *, int fd);
/* Call fn(arg) after each round of events. */
void loop_after_round(struct loop *, loop_fn *, void *arg);

/* Call timer->fn once, delay microseconds from now; replaces an earlier
 * setting.  Needs no memory. */
void loop_timer_set(struct loop *, struct loop_timer *, int64_t delay);
void loop_timer_stop(struct loop *, struct loop_timer *);
bool loop_timer_running(const struct loop_timer *);

/*
 * Block signo for good and call fn(arg) from the loop when it came (once for
 * any number).  Its disposition becomes the default one, so that children
 * have nothing to undo but the mask.
 */
int loop_signal(struct loop *, int signo, loop_fn *, void *arg);

/*
 * Until loop_stop().  Meanwhile every signal is blocked but while it sleeps,
 * so that children are born with all of them blocked.  While pselect() fails
 * for want of memory, and the like, there is a look every 20 ms.  -1 with
 * errno: a descriptor was closed that is still watched.
 */
int loop_run(struct loop *);
void loop_stop(struct loop *);

/* CLOCK_MONOTONIC in microseconds: the time of the current wakeup, and the
 * time now. */
int64_t loop_now(const struct loop *);
int64_t loop_clock(void);

/* Only for children that go on without exec: close what the loop opened. */
void loop_forget(struct loop *);
/* ... or begin anew: nothing is watched, no timer runs, and no signal is
 * blocked; what the loop had open is the caller's to close. */
void loop_restart(struct loop *);

#endif
