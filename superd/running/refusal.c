/* Refusals and failures: counted, and logged within bounds. */
#include "superd/running/refusal.h"

#include <stdlib.h>

#include "superd/log/log.h"
#include "superd/running/event.h"
#include "superd/running/inside.h"
#include "superd/running/lately.h"
#include "superd/running/records.h"
#include "superd/running/running_more.h"

/* Lines about refusals for one service. */
static const struct rate log_rate = { 20, 20 };

uint64_t
running_refused_for(const struct running *running, enum refusal refusal)
{
	return running->counters.refused != NULL ?
	    running->counters.refused[refusal] :
	    0;
}

uint64_t
running_refused(const struct running *running)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < REFUSAL_COUNT; i++)
		sum += running_refused_for(running, i);
	return sum;
}

void
running_count_refusal(struct running *running, enum refusal refusal)
{
	struct counters *counters = &running->counters;

	if (running->superd->inside != NULL) {
		inside_dropped(running, refusal);
		return;
	}
	if (counters->refused == NULL)
		counters->refused = calloc(REFUSAL_COUNT,
		    sizeof(*counters->refused));
	if (counters->refused != NULL)
		counters->refused[refusal]++;
}

static bool
may_log_drop(struct superd *superd)
{
	if (!limiter_try(&superd->drops, &once_a_minute,
		loop_now(superd->loop)))
		return false;
	event_dropped(limiter_told(&superd->drops) + 1);
	return true;
}

static bool
may_log(struct running *running, enum refusal refusal)
{
	struct running_more *own;
	uint64_t more;

	if (refusal == REFUSED_LOOP || refusal == REFUSED_ANSWERS)
		return may_log_drop(running->superd) && log_debugging();
	own = running_more_get(running);
	if (own == NULL ||
	    !limiter_try(&own->refusals, &log_rate,
		loop_now(running->superd->loop)))
		return false;
	more = limiter_told(&own->refusals);
	if (more > 0)
		event_refusals_left_out(running, more);
	return true;
}

void
running_refuse(struct running *running, const struct addr *peer,
    enum refusal refusal)
{
	if (running->superd->inside != NULL) {
		inside_refused(running, peer, refusal);
		return;
	}
	running_count_refusal(running, refusal);
	lately_add(running->superd->lately, running->id, refusal, peer);
	if (may_log(running, refusal))
		event_refused(running, peer, refusal);
}

static void
count_failure(struct running *running, pid_t pid, const char *step, int error)
{
	running->counters.failed++;
	if (running_more_get(running) != NULL)
		running->more->last_failure = (struct last_failure){ step,
			error, pid, loop_clock() };
}

void
running_failed(struct running *running, pid_t pid, const char *step, int error)
{
	count_failure(running, pid, step, error);
	if (may_log(running, REFUSED_SHORTAGE))
		event_start_failed(running, pid, step, error);
}

void
running_connection_failed(const struct child *child, int error)
{
	struct running *running = child->running;
	bool redirected = running->service != NULL &&
	    running->service->redirect.host != NULL;
	const char *what = redirected ? "redirect" : "connection";

	count_failure(running, child->pid, what, error);
	if (may_log(running, REFUSED_SHORTAGE))
		event_connection_failed(child, what, error);
}
