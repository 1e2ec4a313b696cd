/* A service may start nothing now, and waits until it may. */
#include "superd/policy/pause.h"

#include "conf/service.h"
#include "superd/base/clock.h"
#include "superd/policy/admit.h"
#include "superd/running/blocked.h"
#include "superd/running/event.h"
#include "superd/running/inside.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/running_more.h"
#include "superd/running/way.h"

/* A paused service says so once a minute at most, and who holds it up. */
void
pause_log(struct running *running, enum refusal why)
{
	struct running_more *more = running_more_get(running);

	if (more == NULL ||
	    !limiter_try(&more->pauses, &once_a_minute,
		loop_now(running->superd->loop)))
		return;
	if (running->superd->inside != NULL)
		inside_paused(running, why);
	else
		event_paused(running, why);
}

static int64_t
bounded_pause(const struct running *running, int64_t wait)
{
	unsigned most = running->service->limits.max_pause;

	if (!is_limit(most))
		return wait;
	return wait < (int64_t)most * SECOND ? wait : (int64_t)most * SECOND;
}

static void
queue(struct listener *listener)
{
	if (listener != NULL)
		waiters_queue(listener);
}

/* What proxies forward may be started by the daemon, which knows what runs. */
static bool
starts_here(const struct running *running)
{
	const struct way *way = running->way;

	return running->superd->inside == NULL ||
	    !service_reads_proxy(running->service) ||
	    (way->here != NULL && way->here(running->service));
}

bool
running_may_start(struct running *running, struct listener *listener)
{
	struct superd *superd = running->superd;
	int64_t wait = 0;
	enum refusal why;

	/* the next process has the listener, too */
	if (superd->inside != NULL && inside_is_retired(superd->inside))
		return false;
	if (superd->inside != NULL && inside_is_behind(superd->inside)) {
		running_block(running, BLOCK_WORKER);
		return false;
	}
	if (!starts_here(running))
		return true;
	why = admit_service(running, loop_now(superd->loop), &wait);
	switch (why) {
	case ADMITTED:
		return true;
	case REFUSED_RATE:
		if (running_pause_rate(running, bounded_pause(running, wait)) ==
		    0)
			break;
		waiters_shortage(superd, "memory");
		queue(listener);
		break;
	case REFUSED_INSTANCES:
		running_block(running, BLOCK_INSTANCES);
		break;
	default:
		queue(listener);
		break;
	}
	pause_log(running, why);
	return false;
}
