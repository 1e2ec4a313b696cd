/* What a loop calls, and its timers: types only. */
#ifndef SUPERD_BASE_LOOP_TYPES_H
#define SUPERD_BASE_LOOP_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include <bsd/sys/tree.h>

struct loop;

typedef void loop_fn(void *arg);
/* events: of epoll(7). */
typedef void loop_events_fn(void *arg, unsigned events);

/* Part of its owner's struct; all zero before loop_timer_init(). */
struct loop_timer {
	loop_fn *fn;
	void *arg;
	int64_t at; /* loop_clock() value */
	bool running;
	RB_ENTRY(loop_timer) entry;
};

#endif
