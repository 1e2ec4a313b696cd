/* From notices to the state. */
#include "superd/serve/notices.h"

#include <sys/wait.h>

#include <string.h>

#include "conf/service.h"
#include "superd/base/clock.h"
#include "superd/policy/pause.h"
#include "superd/running/blocked.h"
#include "superd/running/child.h"
#include "superd/running/event.h"
#include "superd/running/inside.h"
#include "superd/running/listener_more.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/renew.h"
#include "superd/running/running.h"
#include "superd/running/running_more.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"
#include "superd/serve/serving.h"

/* Far more than are accepted in one round. */
enum { ANSWERED_MOST = 1 << 16 };

/* What an internal process may say of a listener. */
static const unsigned told_mask = BLOCK_BACKOFF | BLOCK_RATE | BLOCK_INSTANCES |
    BLOCK_HELD | BLOCK_WORKER;
static const int64_t PAUSE_MOST = 86400 * (int64_t)SECOND;
/* An honest one asks every 5 seconds at most; there may be some that retire. */
static const struct rate lookup_rate = { 12, 60 };

/* NULL: of none that is still there, or is served by it. */
static struct running *
service_of(const struct internal *internal, const struct notice *notice)
{
	if (notice->service >= internal->nservices ||
	    internal->gone[notice->service] ||
	    internal->services[notice->service]->service == NULL ||
	    internal->services[notice->service]->service->mux != MUX_NONE)
		return NULL;
	return internal->services[notice->service];
}

static void
count(struct running *running, const struct notice *notice)
{
	struct counters *counters = &running->counters;
	int64_t now = loop_now(running->superd->loop);
	uint32_t starts = notice->answered + notice->datagrams;

	counters->accepted += notice->accepted;
	counters->answered += notice->answered;
	counters->datagrams += notice->datagrams;
	/* what the next process begins with */
	for (uint32_t i = 0; i < starts && i < 16; i++)
		bucket_take(&running->starts, &running->service->limits.rate,
		    now);
}

static bool
is_its_own(const struct internal *internal, uint32_t id)
{
	return id >> SLOT_SHIFT == internal->slot &&
	    children_connection(internal->superd->children, id) == NULL;
}

/* No honest one has more of its own, besides those it was given, and those
 * that it accepts in one round and answers at the end of it. */
static bool
has_room(const struct internal *internal)
{
	return internal->most == LIMIT_NONE ||
	    internal->count < 2 * (size_t)internal->most + ANSWERED_MOST;
}

/* Those of proxies; and one that retires has those of what was before. */
static bool
may_be_introduced(const struct internal *internal,
    const struct running *running, const struct notice *notice)
{
	return notice->value == 0 || internal->retired ||
	    service_reads_proxy(running->service);
}

static void
introduce(struct child *child, const struct notice *notice)
{
	const struct connection client = { .told = true,
		.uncounted = (notice->value & INTRODUCED_ITSELF) != 0 };

	if (notice->value != 0)
		child_told(child, &client);
}

/* Without memory for it, it is nobody's: so is its end. */
static bool
started(struct internal *internal, struct running *running,
    const struct notice *notice, const struct addr *peer,
    const struct notices_to *to)
{
	const struct limits *limits = &running->service->limits;
	struct child *child;

	if (running->prepared != NULL || !is_its_own(internal, notice->id) ||
	    !has_room(internal) ||
	    !may_be_introduced(internal, running, notice))
		return false;
	if (!children_prepare(internal->superd->children))
		return true;
	child = running_started(running, internal->pid, peer);
	introduce(child, notice);
	if (child->source != NULL && limits->source_rate.count != LIMIT_NONE &&
	    limits->source_rate.count != LIMIT_UNSET)
		bucket_try(&child->source->starts, &limits->source_rate,
		    loop_now(internal->superd->loop));
	to->started(internal, child, notice->id);
	return true;
}

static void
ended(struct internal *internal, const struct notice *notice,
    const struct notices_to *to)
{
	struct child *child = children_connection(internal->superd->children,
	    notice->id);

	if (child == NULL || child->hosted.internal != internal)
		return;
	child->hosted.traffic_known = true;
	child->hosted.in = notice->in;
	child->hosted.out = notice->out;
	if (notice->value != 0)
		running_connection_failed(child, notice->value);
	to->ended(internal, child);
	child_end(child, notice->value != 0 ? W_EXITCODE(1, 0) : 0);
}

static bool
is_refusal(int32_t value)
{
	return value > ADMITTED && value < REFUSAL_COUNT;
}

/* It accepts the clients of this one.  One that is retired listens no more. */
static bool
listens(const struct internal *internal, const struct running *running)
{
	return !internal->retired && running->elsewhere;
}

/* NULL: it is not there. */
static struct listener *
listener_of(const struct internal *internal, const struct running *running,
    const struct notice *notice)
{
	for (size_t i = 0;
	     listens(internal, running) && i < running->nlisteners; i++)
		if ((uintptr_t)running->listeners[i] == notice->listener)
			return running->listeners[i];
	return NULL;
}

static void
blocked(const struct internal *internal, struct running *running,
    const struct notice *notice)
{
	struct listener *listener = listener_of(internal, running, notice);
	int64_t left = notice->in < (uint64_t)PAUSE_MOST ?
	    (int64_t)notice->in :
	    PAUSE_MOST;
	unsigned before;

	if (listener == NULL)
		return;
	before = listener->told;
	listener->told = (unsigned)notice->value & told_mask;
	if (listener->told & ~before & BLOCK_BACKOFF)
		listener_say_futile(listener);
	if ((notice->value & BLOCK_RATE) && left > 0)
		running_show_rate(running, left);
}

/* A listener about which an honest one says something once a second. */
static struct listener *
spoken_of(const struct internal *internal, struct running *running,
    const struct notice *notice)
{
	struct listener *listener = listener_of(internal, running, notice);
	struct listener_more *more = listener == NULL || listener->fd < 0 ?
	    NULL :
	    more_get(listener);
	int64_t now = loop_now(running->superd->loop);

	if (more == NULL || now - more->renewed < SECOND)
		return NULL;
	more->renewed = now;
	return listener;
}

/* It would not have been woken for nothing if its socket were what it was. */
static void
futile(const struct internal *internal, struct running *running,
    const struct notice *notice)
{
	struct listener *listener = spoken_of(internal, running, notice);

	if (listener != NULL)
		listener_examine(listener);
}

/* There may be room for its socket by now. */
static void
missing(const struct internal *internal, struct running *running,
    const struct notice *notice)
{
	struct listener *listener = spoken_of(internal, running, notice);

	if (listener != NULL && listener->blocked == 0)
		listener_watch(listener);
}

static void
look_up(struct internal *internal, struct running *running,
    const struct notices_to *to)
{
	struct running_more *more = running_more_get(running);

	if (more != NULL &&
	    bucket_try(&more->lookups, &lookup_rate,
		loop_now(internal->superd->loop)))
		to->look_up(internal, running);
}

static void
shortage(struct internal *internal, const struct notice *notice)
{
	if (limiter_try(&internal->shortages, &once_a_minute,
		loop_now(internal->superd->loop)))
		event_shortage(notice->value != 0 ? "memory" : "descriptors",
		    (int)(notice->id & 0xfff));
}

/* Without memory for its start, it is nobody's. */
static bool
want_page(struct internal *internal, const struct running *running,
    const struct notice *notice, const struct notices_to *to)
{
	struct child *child = children_connection(internal->superd->children,
	    notice->id);

	if (child == NULL)
		return true;
	return child->hosted.internal == internal &&
	    child->running == running &&
	    to->want_page(internal, child, (unsigned)notice->value);
}

/* False: no honest one says that. */
static bool
of_service(struct internal *internal, struct running *running,
    const struct notice *notice, const struct addr *peer,
    const struct notices_to *to)
{
	count(running, notice);
	switch (notice->kind) {
	case NOTICE_COUNTED:
		return true;
	case NOTICE_STARTED:
		return started(internal, running, notice, peer, to);
	case NOTICE_REFUSED:
		if (is_refusal(notice->value))
			running_refuse(running, peer->len > 0 ? peer : NULL,
			    (enum refusal)notice->value);
		return is_refusal(notice->value);
	case NOTICE_DROPPED:
		if (is_refusal(notice->value))
			running_count_refusal(running,
			    (enum refusal)notice->value);
		return is_refusal(notice->value);
	case NOTICE_PAUSED:
		if (is_refusal(notice->value))
			pause_log(running, (enum refusal)notice->value);
		return is_refusal(notice->value);
	case NOTICE_BLOCKED:
		blocked(internal, running, notice);
		return true;
	case NOTICE_FUTILE:
		futile(internal, running, notice);
		return true;
	case NOTICE_MISSING:
		missing(internal, running, notice);
		return true;
	case NOTICE_WAITING:
		if (listens(internal, running))
			running->told_waiting = notice->id;
		return true;
	case NOTICE_PAGE:
		return want_page(internal, running, notice, to);
	case NOTICE_LOOK_UP:
		look_up(internal, running, to);
		return true;
	default:
		return false;
	}
}

static bool
is_of_service(unsigned kind)
{
	return kind != NOTICE_ALIVE && kind != NOTICE_RETIRED &&
	    kind != NOTICE_SHORTAGE;
}

static bool
take(struct internal *internal, const struct notice *notice,
    const struct addr *peer, const struct notices_to *to)
{
	struct running *running;

	/* no service of others is its to speak of */
	if (is_of_service(notice->kind) &&
	    (notice->service >= internal->nservices ||
		!internal->own[notice->service]))
		return false;
	switch (notice->kind) {
	case NOTICE_ALIVE:
		return true;
	case NOTICE_RETIRED:
		internal->listening = false;
		return true;
	case NOTICE_SHORTAGE:
		shortage(internal, notice);
		return true;
	case NOTICE_ENDED:
		running = service_of(internal, notice);
		if (running != NULL)
			count(running, notice);
		ended(internal, notice, to);
		return true;
	default:
		running = service_of(internal, notice);
		return running == NULL ||
		    of_service(internal, running, notice, peer, to);
	}
}

static bool
is_address(const struct addr *addr)
{
	if (addr->len < sizeof(sa_family_t))
		return addr->len == 0;
	switch (addr->u.sa.sa_family) {
	case AF_INET:
		return addr->len == sizeof(addr->u.in);
	case AF_INET6:
		return addr->len == sizeof(addr->u.in6);
	case ADDR_USER:
		return addr->len == sizeof(addr->u.user);
	default:
		return addr->u.sa.sa_family == AF_UNIX;
	}
}

/* Whole notices only are put there. */
static bool
read_one(struct internal *internal, size_t filled, struct notice *notice,
    struct addr *peer)
{
	memset(peer, 0, sizeof(*peer));
	if (filled < sizeof(*notice))
		return false;
	ring_get(internal->ring, notice, sizeof(*notice));
	if (notice->peer_length > sizeof(peer->u) ||
	    notice->peer_length > filled - sizeof(*notice))
		return false;
	ring_get(internal->ring, &peer->u, notice->peer_length);
	peer->len = notice->peer_length;
	return is_address(peer);
}

bool
notices_read(struct internal *internal, const struct notices_to *to)
{
	struct notice notice;
	struct addr peer;
	long filled;

	/* no more than there may be, however fast it goes on */
	for (int i = 0; i < RING_SIZE / (int)sizeof(notice); i++) {
		filled = ring_filled(internal->ring);
		if (filled == 0)
			return true;
		if (filled < 0 ||
		    !read_one(internal, (size_t)filled, &notice, &peer))
			return false;
		pulse_heard(&internal->pulse);
		if (!take(internal, &notice, &peer, to))
			return false;
	}
	return true;
}
