/* What is told of a listener, and of a child. */
#include <string.h>

#include "superd/base/sockopt.h"
#include "superd/control/facts_service.h"
#include "superd/running/children.h"
#include "superd/running/listener.h"
#include "superd/running/listener_more.h"
#include "superd/running/records.h"

/* A listener. */

static void
listener_address(const void *object, struct fact_value *value)
{
	const struct listener *listener = object;

	value->text = addr_print(listener->bound, value->room,
	    sizeof(value->room));
}

static void
listener_type(const void *object, struct fact_value *value)
{
	static const char *const names[] = { [SOCK_STREAM] = "stream",
		[SOCK_DGRAM] = "dgram",
		[SOCK_RAW] = "raw",
		[SOCK_RDM] = "rdm",
		[SOCK_SEQPACKET] = "seqpacket" };
	const struct listener *listener = object;
	const struct service *service = listener->running->service;
	size_t type = (size_t)(service != NULL ?
		service->socktype :
		listener->binding.socktype);

	value->text = type < sizeof(names) / sizeof(names[0]) &&
		names[type] != NULL ?
	    names[type] :
	    "?";
}

static void
listener_state_name(const void *object, struct fact_value *value)
{
	value->text = listener_state(object);
}

static void
listener_retry_in(const void *object, struct fact_value *value)
{
	const struct listener *listener = object;

	value->seconds = listener->blocked & (BLOCK_UNBOUND | BLOCK_BACKOFF) ?
	    seconds_until(&more_of(listener)->timer) :
	    0;
}

static bool
has_failed(const struct listener *listener)
{
	return listener->fd < 0 && listener->error != 0;
}

static void
listener_error(const void *object, struct fact_value *value)
{
	const struct listener *listener = object;

	value->text = has_failed(listener) ? strerror(listener->error) : NULL;
}

static void
listener_next_try(const void *object, struct fact_value *value)
{
	const struct listener *listener = object;

	value->seconds = seconds_until(&more_of(listener)->timer);
	value->none = !has_failed(listener) ||
	    !loop_timer_running(&more_of(listener)->timer);
}

static void
listener_dropped(const void *object, struct fact_value *value)
{
	const struct listener *listener = object;

	value->number = (int64_t)sockopt_dropped(listener->fd);
}

static const struct fact listener_rows[] = {
	{ "address", FACT_TEXT, .get = listener_address, .line = LINE_SOCKET },
	{ "type", FACT_TEXT, .get = listener_type },
	{ "fd", FACT_MEMBER(struct listener, fd) },
	{ "state", FACT_TEXT, .get = listener_state_name, .line = LINE_SOCKET,
	    .before = " " },
	{ "retry_in", FACT_SECONDS, .get = listener_retry_in },
	{ "error", FACT_TEXT, .get = listener_error, .line = LINE_SOCKET,
	    .before = ": " },
	{ NULL, FACT_SECONDS, .get = listener_next_try, .line = LINE_SOCKET,
	    .before = ", tried again in ", .after = " s" },
	{ "dropped", FACT_COUNTER, .get = listener_dropped, .line = LINE_SOCKET,
	    .before = ", ", .after = " packets dropped", .some = true },
};

const struct facts listener_facts = FACTS(listener_rows);

/* A child. */

void
child_service(const void *object, struct fact_value *value)
{
	const struct child *child = object;

	value->text = child->running->id;
}

void
child_since(const void *object, struct fact_value *value)
{
	const struct child *child = object;

	value->seconds = seconds_since(child->started);
}

void
child_peer(const void *object, struct fact_value *value)
{
	const struct child *child = object;

	value->text = child->peer.len > 0 ?
	    addr_print(&child->peer, value->room, sizeof(value->room)) :
	    NULL;
}

static void
child_wait(const void *object, struct fact_value *value)
{
	const struct child *child = object;

	value->yes = child->listener != NULL;
}

static const struct fact child_rows[] = {
	{ "pid", FACT_MEMBER(struct child, pid), .line = LINE_CHILD,
	    .before = "  child " },
	{ "since", FACT_SECONDS, .get = child_since, .line = LINE_CHILD,
	    .before = " for ", .after = " s" },
	{ "peer", FACT_TEXT, .get = child_peer, .line = LINE_CHILD,
	    .before = ", peer ", .missing = "-" },
	{ "wait", FACT_BOOL, .get = child_wait },
};

const struct facts child_facts = FACTS(child_rows);
