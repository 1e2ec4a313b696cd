/* From a connection to a sensor to the list of the denied. */
#include "superd/policy/sensor.h"

#include <stdlib.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/running/denylist.h"
#include "superd/running/event.h"
#include "superd/running/records.h"

struct sensors {
	struct limiter denials, full; /* lines about new ones */
	uint64_t left_out;
};

/* Whatever the number of sensors. */
static const struct rate log_rate = { 20, 20 };

struct sensors *
sensors_new(void)
{
	return xcalloc(1, sizeof(struct sensors));
}

void
sensors_free(struct sensors *sensors)
{
	free(sensors);
}

uint64_t
sensors_left_out(const struct sensors *sensors)
{
	return sensors->left_out;
}

static void
log_denied(struct running *running, const struct addr *peer, int minutes)
{
	struct superd *superd = running->superd;

	if (limiter_try(&superd->sensors->denials, &log_rate,
		loop_now(superd->loop)))
		event_denied(running, peer, minutes);
}

static void
log_full(struct superd *superd)
{
	struct sensors *sensors = superd->sensors;

	sensors->left_out++;
	if (limiter_try(&sensors->full, &once_a_minute, loop_now(superd->loop)))
		event_denylist_full(DENIED_MAX, sensors->left_out);
}

void
sensor_hit(struct running *running, const struct addr *peer)
{
	struct superd *superd = running->superd;
	int64_t now = loop_now(superd->loop);
	int minutes = running->service->deny_time;
	struct denied denied = { .by = DENIED_BY_SENSOR };
	enum denied_result result;

	bucket_take(&running->starts, &running->service->limits.rate, now);
	if (minutes == 0 ||
	    !denylist_client(peer, &superd->client_bits, &denied.client))
		return;
	denied.until = minutes < 0 ?
	    DENIED_FOR_EVER :
	    now + (int64_t)minutes * MINUTE;
	result = denylist_add(superd->denylist, &denied, now);
	if (superd->denied != NULL &&
	    (result == DENIED_NEW || result == DENIED_KNOWN))
		superd->denied(superd, &denied);
	switch (result) {
	case DENIED_NEW:
		log_denied(running, peer, minutes);
		break;
	case DENIED_FULL:
		log_full(superd);
		break;
	case DENIED_KNOWN:
	case DENIED_NEVER:
		break;
	}
}

bool
sensor_denies(const struct superd *superd, const struct addr *peer, int64_t now)
{
	return denylist_find(superd->denylist, peer, now) != NULL;
}
