/* Timers are in a tree through them: setting one needs no memory. */
#include "superd/base/loop_timer.h"

#include "superd/base/loop_state.h"

static int
compare_timers(struct loop_timer *a, struct loop_timer *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a > b) - (a < b);
}

RB_PROTOTYPE(loop_timers, loop_timer, entry, compare_timers)
RB_GENERATE(loop_timers, loop_timer, entry, compare_timers)

void
loop_timer_init(struct loop_timer *timer, loop_fn *fn, void *arg)
{
	timer->fn = fn;
	timer->arg = arg;
}

void
loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t delay)
{
	loop_timer_stop(loop, timer);
	timer->at = loop_read_clock() + (delay > 0 ? delay : 0);
	timer->running = true;
	RB_INSERT(loop_timers, &loop->timers, timer);
}

void
loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
	if (!timer->running)
		return;
	RB_REMOVE(loop_timers, &loop->timers, timer);
	timer->running = false;
}

bool
loop_timer_running(const struct loop_timer *timer)
{
	return timer->running;
}

int64_t
loop_now(const struct loop *loop)
{
	return loop->now;
}

int64_t
loop_clock(void)
{
	return loop_read_clock();
}
