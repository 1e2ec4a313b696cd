/* The clock of a loop, and its timers: a tree, by time. */
#ifndef SUPERD_BASE_LOOP_TIMER_H
#define SUPERD_BASE_LOOP_TIMER_H

#include "superd/base/loop_types.h"

/* What it calls.  Leaves a timer that runs running. */
void loop_timer_init(struct loop_timer *, loop_fn *, void *arg);
/* Call timer->fn once, delay microseconds from now; replaces an earlier
 * setting.  Needs no memory. */
void loop_timer_set(struct loop *, struct loop_timer *, int64_t delay);
void loop_timer_stop(struct loop *, struct loop_timer *);
bool loop_timer_running(const struct loop_timer *);

/* CLOCK_MONOTONIC in microseconds: the time of the current wakeup, and the
 * time now. */
int64_t loop_now(const struct loop *);
int64_t loop_clock(void);

#endif
