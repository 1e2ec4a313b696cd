/* Heartbeats by a timer of the loop. */
#include "superd/base/pulse.h"

#include <errno.h>
#include <unistd.h>

#include "superd/base/clock.h"
#include "superd/base/descriptors.h"

/* Microseconds between questions, those at rest, and between checks for an
 * answer.  Silence is counted in checks, so that a suspended daemon does not
 * count the time in which neither side ran. */
enum { BEAT = 2 * SECOND, REST = 10 * SECOND, LOOK = SECOND };

static void
set_timer(struct pulse *pulse)
{
	int64_t delay = BEAT;

	if (pulse->rests) {
		delay = REST - loop_now(pulse->loop) % REST;
		/* one that has just begun is given time */
		if (delay < BEAT)
			delay += REST;
	}
	loop_timer_set(pulse->loop, &pulse->timer, delay);
}

static void
look(void *arg)
{
	struct pulse *pulse = arg;

	if (pulse->silent >= pulse->patience) {
		pulse->hung(pulse->arg);
		return;
	}
	/* where it is full there are questions enough */
	if (pulse->silent++ == 0 && write(pulse->fd, "", 1) < 0)
		errno = 0;
	loop_timer_set(pulse->loop, &pulse->timer, LOOK);
}

int
pulse_open(struct pulse *pulse, struct loop *loop, unsigned patience,
    loop_fn *hung, void *arg)
{
	int ends[2], result;

	*pulse = (struct pulse){ .loop = loop,
		.patience = patience,
		.hung = hung,
		.arg = arg };
	loop_timer_init(&pulse->timer, look, pulse);
	result = fd_pipe(ends);
	pulse->asked = ends[0];
	pulse->fd = ends[1];
	return result;
}

void
pulse_given(struct pulse *pulse)
{
	if (pulse->asked >= 0)
		close(pulse->asked);
	pulse->asked = -1;
}

void
pulse_start(struct pulse *pulse)
{
	if (pulse->fd < 0)
		return;
	pulse->rests = false;
	/* a question that waits for its answer goes on to */
	if (pulse->silent == 0)
		set_timer(pulse);
}

void
pulse_rest(struct pulse *pulse)
{
	if (pulse->fd < 0)
		return;
	pulse->rests = true;
	if (pulse->silent == 0)
		set_timer(pulse);
}

void
pulse_heard(struct pulse *pulse)
{
	if (pulse->silent == 0)
		return;
	pulse->silent = 0;
	set_timer(pulse);
}

void
pulse_close(struct pulse *pulse)
{
	if (pulse->fd < 0)
		return;
	loop_timer_stop(pulse->loop, &pulse->timer);
	pulse->silent = 0;
	pulse_given(pulse);
	close(pulse->fd);
	pulse->fd = -1;
}
