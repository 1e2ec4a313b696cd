/* A service may start nothing now, and waits until it may. */
#include "superd/policy/pause.h"

#include <syslog.h>

#include "superd/policy/admit.h"
#include "superd/running/blocked.h"
#include "superd/running/refusal.h"
#include "superd/running/service_log.h"
#include "superd/running/share.h"

enum { SECOND = 1000000 };

/* A paused service says so once a minute at most, and who holds it up. */
void
pause_log(struct live *live, enum refusal why)
{
	char holders[HOLDERS_TEXT];

	if (once_a_minute(&live->pause_logged, loop_now(live->superd->loop)))
		log_service(live, LOG_INFO, "pause %s reason=%s%s", live->id,
		    refusal_name(why),
		    share_print(live, why, holders, sizeof(holders)));
}

static int64_t
bounded_pause(const struct live *live, int64_t wait)
{
	unsigned most = live->service->limits.max_pause;

	if (most == LIMIT_NONE || most == LIMIT_UNSET)
		return wait;
	return wait < (int64_t)most * SECOND ? wait : (int64_t)most * SECOND;
}

bool
live_may_start(struct live *live, struct listener *listener)
{
	struct superd *superd = live->superd;
	int64_t wait = 0;
	enum refusal why = admit_service(live, loop_now(superd->loop), &wait);

	switch (why) {
	case ADMITTED:
		return true;
	case REFUSED_RATE:
		live_block(live, BLOCK_RATE);
		loop_timer_set(superd->loop, &live->rate_timer,
		    bounded_pause(live, wait));
		break;
	case REFUSED_INSTANCES:
		live_block(live, BLOCK_INSTANCES);
		break;
	default:
		hold_add(listener);
		break;
	}
	pause_log(live, why);
	return false;
}
