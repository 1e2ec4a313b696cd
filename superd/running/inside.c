/* From what happens in an internal process to notices in its ring. */
#include "superd/running/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/settings.h"
#include "superd/running/records.h"
#include "superd/running/running_more.h"

/* Microseconds until what is not urgent is read, and until there is another
 * try where there was no room. */
enum { LATER = 20 * MILLISECOND, AGAIN = 2 * MILLISECOND };

struct inside {
	struct superd *superd;
	struct ring *ring;
	int knock;
	bool urgent, fresh, deaf;
	bool was_behind;
	char *late; /* what the ring had no room for */
	size_t length, room;
	struct loop_timer timer;
};

static void
knock(void *arg)
{
	struct inside *inside = arg;

	/* where it is full there are knocks enough */
	if (write(inside->knock, "", 1) < 0)
		errno = 0;
	inside->urgent = inside->fresh = false;
}

struct inside *
inside_new(struct superd *superd, struct ring *ring, int fd)
{
	struct inside *inside = xcalloc(1, sizeof(*inside));

	inside->superd = superd;
	inside->ring = ring;
	inside->knock = fd;
	loop_timer_init(&inside->timer, knock, inside);
	return inside;
}

void
inside_deaf(struct inside *inside)
{
	inside->deaf = true;
	inside->length = 0;
}

bool
inside_is_behind(const struct inside *inside)
{
	return inside->length > 0;
}

bool
inside_is_retired(const struct inside *inside)
{
	return ring_closed(inside->ring);
}

/* Telling. */

/* What cannot be told would be counted for ever: better all end. */
static void
keep(struct inside *inside, const void *bytes, size_t length)
{
	size_t need = inside->length + length;
	char *late = inside->late;

	if (need > inside->room) {
		late = realloc(late, need * 2);
		if (late == NULL)
			abort();
		inside->late = late;
		inside->room = need * 2;
	}
	memcpy(late + inside->length, bytes, length);
	inside->length = need;
	inside->was_behind = true;
}

static void
tell(struct inside *inside, struct notice *notice, const struct addr *peer)
{
	size_t length = peer != NULL ? peer->len : 0;
	const void *address = peer != NULL ? (const void *)&peer->u : "";

	if (inside->deaf)
		return;
	notice->peer_length = (uint16_t)length;
	inside->fresh = true;
	if (inside->length == 0 &&
	    ring_put(inside->ring, notice, sizeof(*notice), address, length))
		return;
	keep(inside, notice, sizeof(*notice));
	if (length > 0)
		keep(inside, address, length);
}

static void
tell_of(struct running *running, struct notice *notice, const struct addr *peer)
{
	struct counters *counters = &running->counters;

	notice->service = running->number;
	notice->accepted = (uint32_t)counters->accepted;
	notice->answered = (uint32_t)counters->answered;
	notice->datagrams = (uint32_t)counters->datagrams;
	counters->accepted = counters->answered = counters->datagrams = 0;
	tell(running->superd->inside, notice, peer);
}

/* Is there a line about this? */
static void
hurry(const struct running *running)
{
	const struct service *service = running->service;

	if (running->superd->options->log_connections ||
	    service->log_on_success != 0)
		running->superd->inside->urgent = true;
}

void
inside_counted(struct running *running)
{
	struct notice notice = { .kind = NOTICE_COUNTED };

	tell_of(running, &notice, NULL);
}

void
inside_started(const struct child *child)
{
	struct notice notice = { .kind = NOTICE_STARTED,
		.id = child->hosted.id };

	notice.value |= child->told ? INTRODUCED : 0;
	notice.value |= child->uncounted ? INTRODUCED_ITSELF : 0;
	tell_of(child->running, &notice, &child->peer);
	hurry(child->running);
}

void
inside_ended(const struct child *child, const struct connection_end *end)
{
	struct notice notice = { .kind = NOTICE_ENDED,
		.id = end->id,
		.value = end->error,
		.in = end->in,
		.out = end->out };

	tell_of(child->running, &notice, NULL);
	hurry(child->running);
	child->running->superd->inside->urgent |= end->error != 0;
}

void
inside_refused(struct running *running, const struct addr *peer,
    enum refusal why)
{
	struct notice notice = { .kind = NOTICE_REFUSED,
		.value = (int32_t)why };

	tell_of(running, &notice, peer);
	running->superd->inside->urgent = true;
}

void
inside_dropped(struct running *running, enum refusal why)
{
	struct notice notice = { .kind = NOTICE_DROPPED,
		.value = (int32_t)why };

	tell_of(running, &notice, NULL);
}

void
inside_paused(struct running *running, enum refusal why)
{
	struct notice notice = { .kind = NOTICE_PAUSED, .value = (int32_t)why };

	tell_of(running, &notice, NULL);
	running->superd->inside->urgent = true;
}

void
inside_blocked(const struct listener *listener)
{
	struct running *running = listener->running;
	const struct loop_timer *timer = &running_more_of(running)->rate_timer;
	int64_t left = timer->at - loop_clock();
	struct notice notice = { .kind = NOTICE_BLOCKED,
		.listener = (uintptr_t)listener,
		.value = (int32_t)listener->blocked };

	if (loop_timer_running(timer) && left > 0)
		notice.in = (uint64_t)left;
	tell_of(running, &notice, NULL);
}

static void
tell_listener(enum notice_kind kind, const struct listener *listener)
{
	struct notice notice = { .kind = (uint16_t)kind,
		.listener = (uintptr_t)listener };

	tell_of(listener->running, &notice, NULL);
	listener->running->superd->inside->urgent = true;
}

void
inside_futile(const struct listener *listener)
{
	tell_listener(NOTICE_FUTILE, listener);
}

void
inside_missing(const struct listener *listener)
{
	tell_listener(NOTICE_MISSING, listener);
}

void
inside_waiting(struct running *running, unsigned count)
{
	struct notice notice = { .kind = NOTICE_WAITING, .id = count };

	tell_of(running, &notice, NULL);
}

void
inside_shortage(struct inside *inside, bool memory, int error)
{
	struct notice notice = { .kind = NOTICE_SHORTAGE,
		.id = (uint32_t)error,
		.value = memory };

	tell(inside, &notice, NULL);
	inside->urgent = true;
}

void
inside_look_up(struct running *running)
{
	struct notice notice = { .kind = NOTICE_LOOK_UP };

	tell_of(running, &notice, NULL);
	running->superd->inside->urgent = true;
}

void
inside_want_page(const struct child *child, unsigned page)
{
	struct notice notice = { .kind = NOTICE_PAGE,
		.id = child->hosted.id,
		.value = (int32_t)page };

	tell_of(child->running, &notice, NULL);
	child->running->superd->inside->urgent = true;
}

void
inside_say(struct inside *inside, enum notice_kind kind)
{
	struct notice notice = { .kind = (uint16_t)kind };

	tell(inside, &notice, NULL);
	inside->urgent = true;
}

/* The end of a round. */

static void
catch_up(struct inside *inside)
{
	size_t at = 0;

	while (at < inside->length) {
		struct notice notice;

		memcpy(&notice, inside->late + at, sizeof(notice));
		if (!ring_put(inside->ring, inside->late + at,
			sizeof(notice) + notice.peer_length, "", 0))
			break;
		at += sizeof(notice) + notice.peer_length;
	}
	inside->length -= at;
	memmove(inside->late, inside->late + at, inside->length);
}

bool
inside_settle(struct inside *inside)
{
	struct loop *loop = inside->superd->loop;

	if (inside->length > 0)
		catch_up(inside);
	if (inside->urgent || inside->length > 0) {
		knock(inside);
		loop_timer_stop(loop, &inside->timer);
	}
	if ((inside->fresh || inside->length > 0) &&
	    !loop_timer_running(&inside->timer))
		loop_timer_set(loop, &inside->timer,
		    inside->length > 0 ? AGAIN : LATER);
	if (!inside->was_behind || inside->length > 0)
		return false;
	inside->was_behind = false;
	return true;
}
