/* Heartbeats by a timer of the loop. */
#include "superd/base/pulse.h"

#include <sys/eventfd.h>

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
	if (pulse->silent++ == 0)
		eventfd_write(pulse->fd, 1);
	loop_timer_set(pulse->loop, &pulse->timer, LOOK);
}

int
pulse_open(struct pulse *pulse, struct loop *loop, unsigned patience,
    loop_fn *hung, void *arg)
{
	*pulse = (struct pulse){ .loop = loop,
		.patience = patience,
		.hung = hung,
		.arg = arg };
	loop_timer_init(&pulse->timer, look, pulse);
	pulse->fd = fd_high(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	return pulse->fd < 0 ? -1 : 0;
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
	close(pulse->fd);
	pulse->fd = -1;
}
