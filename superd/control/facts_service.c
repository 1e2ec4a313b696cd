/* What is told of a service. */
#include <limits.h>

#include "superd/control/holders.h"
#include "superd/control/facts_service.h"
#include "superd/running/blocked.h"
#include "superd/running/children.h"
#include "superd/running/line.h"
#include "superd/running/listener_more.h"
#include "superd/running/override.h"
#include "superd/running/reasons.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/running.h"
#include "superd/running/running_more.h"
#include "superd/running/share.h"

/* Where its parts are. */

static void
each_listener(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct running *running = object;

	for (size_t i = 0; i < running->nlisteners; i++)
		visit(arg, NULL, running->listeners[i]);
}

struct children_of {
	const struct running *running;
	fact_visit_fn *visit;
	void *arg;
};

static void
visit_child(void *arg, const struct child *child)
{
	const struct children_of *children = arg;

	if (child->running == children->running)
		children->visit(children->arg, NULL, child);
}

static void
each_child(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct running *running = object;
	struct children_of children = { running, visit, arg };

	if (running->children > 0)
		children_each(running->superd->children, visit_child,
		    &children);
}

static void
running_definition(const void *object, struct fact_value *value)
{
	const struct running *running = object;

	value->object = running->service;
}

static void
running_last_failure(const void *object, struct fact_value *value)
{
	const struct last_failure
	    *last = &running_more_of(object)->last_failure;

	if (last->at != 0)
		value->object = last;
}

static void
running_last_exit(const void *object, struct fact_value *value)
{
	const struct last_exit *last = &running_more_of(object)->last_exit;

	if (last->at != 0)
		value->object = last;
}

/* What it holds. */

static void
running_client(const void *object, struct fact_value *value)
{
	struct client_held *held = (void *)value->room;

	held->places = share_client_of(object, &held->client);
	value->object = held;
}

static const struct fact place_row[] = { { NULL, FACT_NUMBER, .offset = 0 } };
static const struct facts place_facts = { place_row, 1, .bare = true };

static void
each_place(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct running *running = object;

	for (unsigned place = 0; place < PLACES; place++)
		visit(arg, share_place_name(place), &running->places[place]);
}

static unsigned
most_places(const struct running *running)
{
	return running->service != NULL ? share_most(running) : UINT_MAX;
}

/* 0: any number */
static void
running_most(const void *object, struct fact_value *value)
{
	unsigned most = most_places(object);

	value->number = most == UINT_MAX ? 0 : most;
}

static void
running_bound(const void *object, struct fact_value *value)
{
	value->number = most_places(object);
	value->none = value->number == UINT_MAX;
}

static void
running_waiting(const void *object, struct fact_value *value)
{
	value->number = lines_waiting(object);
}

static void
running_holders(const void *object, struct fact_value *value)
{
	value->text = holders_print(object, value->room, sizeof(value->room));
}

/* What became of its clients. */

static const struct fact counter_rows[] = {
	{ "accepted", FACT_MEMBER(struct counters, accepted),
	    .line = LINE_COUNTS, .before = ", accepted " },
	{ "started", FACT_MEMBER(struct counters, started), .line = LINE_COUNTS,
	    .before = ", started " },
	{ "answered", FACT_MEMBER(struct counters, answered),
	    .line = LINE_COUNTS, .before = ", answered " },
	{ "datagrams", FACT_MEMBER(struct counters, datagrams),
	    .line = LINE_DATAGRAMS, .before = ", read " },
	{ "discarded", FACT_MEMBER(struct counters, discarded),
	    .line = LINE_DATAGRAMS, .before = ", discarded " },
	{ "failed", FACT_MEMBER(struct counters, failed), .line = LINE_COUNTS,
	    .before = ", failed " },
};

static const struct facts counter_facts = FACTS(counter_rows);

static void
each_refused(const void *object, fact_visit_fn *visit, void *arg)
{
	for (unsigned i = ADMITTED + 1; i < REFUSAL_COUNT; i++) {
		uint64_t count = running_refused_for(object, i);

		visit(arg, refusal_name(i), &count);
	}
}

static const struct fact reason_row[] = { { NULL, FACT_COUNTER, .offset = 0 } };
static const struct facts reason_facts = { reason_row, 1, .bare = true };

static const struct fact refused_rows[] = {
	{ NULL, FACT_NAMED, .each = each_refused, .within = &reason_facts,
	    .line = LINE_REFUSED, .before = "by " },
};

static const struct facts refused_facts = FACTS(refused_rows);

static void
running_refused_all(const void *object, struct fact_value *value)
{
	value->number = (int64_t)running_refused(object);
}

/* Whether it is served. */

static void
running_state_name(const void *object, struct fact_value *value)
{
	value->text = running_state(object);
}

static void
running_program(const void *object, struct fact_value *value)
{
	const struct running *running = object;
	const struct service *service = running->service;

	if (service == NULL)
		value->text = "-";
	else if (service->sensor)
		value->text = "sensor";
	else if (service->internal != NULL)
		value->text = "internal";
	else if (service->command.program != NULL)
		value->text = service->command.program;
	else
		value->text = "redirect";
}

static const char *
held_by(const struct running *running)
{
	return refusal_name(
	    waiters_lack(running->superd) != NULL || running->place == PLACES ?
		REFUSED_SHORTAGE :
		share_refusal(running->place));
}

/* Why it is not listening now, as superctl(8) has it; NULL: it is. */
static const char *
pause_reason(const struct running *running)
{
	static const struct {
		unsigned bit;
		const char *name;
	} reasons[] = {
		{ BLOCK_RATE, "rate" },
		{ BLOCK_INSTANCES, "instances" },
		{ BLOCK_HELD, NULL },
		{ BLOCK_BACKOFF, "backoff" },
		{ BLOCK_WORKER, "worker" },
	};
	unsigned blocked = 0;

	for (size_t i = 0; i < running->nlisteners; i++)
		blocked |= running->listeners[i]->blocked |
		    running->listeners[i]->told;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (blocked & reasons[i].bit)
			return reasons[i].bit == BLOCK_HELD ?
			    held_by(running) :
			    reasons[i].name;
	return lines_waiting(running) > 0 ? refusal_name(REFUSED_SHARE) : NULL;
}

static void
running_paused(const void *object, struct fact_value *value)
{
	value->text = pause_reason(object);
}

/* How long it will be, as far as that is known: 0, if it is not. */
static void
running_paused_for(const void *object, struct fact_value *value)
{
	const struct running *running = object;

	value->seconds = seconds_until(&running_more_of(running)->rate_timer);
	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];
		double left = seconds_until(&more_of(listener)->timer);

		if ((listener->blocked & BLOCK_BACKOFF) &&
		    left > value->seconds)
			value->seconds = left;
	}
}

static void
running_overridden(const void *object, struct fact_value *value)
{
	value->text = override_text(object);
}

static void
running_pause(const void *object, struct fact_value *value)
{
	running_paused_for(object, value);
	value->none = pause_reason(object) == NULL;
}

/* All of it. */

static const struct fact service_rows[] = {
	{ "id", FACT_MEMBER(struct running, id), .line = LINE_HEAD },
	{ "state", FACT_TEXT, .get = running_state_name, .line = LINE_HEAD,
	    .before = ": " },
	{ NULL, FACT_TEXT, .get = running_program, .line = LINE_HEAD,
	    .before = ", " },
	{ NULL, FACT_PART, .get = running_definition,
	    .within = &definition_facts },
	{ "last_failure", FACT_OBJECT, .get = running_last_failure,
	    .within = &failure_facts },
	{ "last_exit", FACT_OBJECT, .get = running_last_exit,
	    .within = &exit_facts },
	{ "paused", FACT_TEXT, .get = running_paused, .line = LINE_HEAD,
	    .before = ", paused by " },
	{ NULL, FACT_SECONDS, .get = running_pause, .line = LINE_HEAD,
	    .before = " for ", .after = " s" },
	{ "paused_for", FACT_SECONDS, .get = running_paused_for },
	{ "overridden", FACT_TEXT, .get = running_overridden,
	    .line = LINE_OVERRIDDEN },
	{ "listeners", FACT_LIST, .each = each_listener,
	    .within = &listener_facts, .line = LINE_SOCKET },
	{ "children", FACT_LIST, .each = each_child, .within = &child_facts,
	    .line = LINE_CHILD },
	{ NULL, FACT_NAMED, .each = each_place, .within = &place_facts },
	{ NULL, FACT_MEMBER(struct running, children), .line = LINE_HOLDS },
	{ NULL, FACT_NUMBER, .get = running_bound, .line = LINE_HOLDS,
	    .before = " of " },
	{ "most", FACT_NUMBER, .get = running_most },
	{ "waiting", FACT_NUMBER, .get = running_waiting, .line = LINE_HOLDS,
	    .before = ", ", .after = " waiting", .some = true },
	{ NULL, FACT_PART, .get = running_client, .within = &client_facts },
	{ NULL, FACT_TEXT, .get = running_holders, .line = LINE_CLIENTS },
	{ NULL, FACT_PART, .offset = offsetof(struct running, counters),
	    .within = &counter_facts },
	{ NULL, FACT_COUNTER, .get = running_refused_all, .line = LINE_COUNTS,
	    .before = ", refused " },
	{ "refused", FACT_OBJECT, .within = &refused_facts },
};

const struct facts service_facts = FACTS(service_rows);

static bool
is_redirected(const void *object)
{
	const struct running *running = object;

	return running->service != NULL && running->service->internal == NULL;
}

static bool
has_arguments(const void *object)
{
	const struct running *running = object;

	return is_redirected(object) && running->service->redirect.host == NULL;
}

static bool
has_program(const void *object)
{
	const struct running *running = object;

	return running->service != NULL &&
	    running->service->command.program != NULL;
}

static bool
has_datagrams(const void *object)
{
	const struct running *running = object;

	return running->counters.datagrams > 0 ||
	    running->counters.discarded > 0;
}

static bool
holds_places(const void *object)
{
	const struct running *running = object;

	return running->service != NULL &&
	    (running->children > 0 || lines_waiting(running) > 0);
}

static const struct fact_line lines[SERVICE_LINES] = {
	[LINE_INTERNAL] = { "internal", NULL },
	[LINE_REDIRECT] = { "redirect", is_redirected },
	[LINE_ARGUMENTS] = { "arguments", has_arguments },
	[LINE_USER] = { "user", has_program },
	[LINE_DEFINED] = { "defined", NULL },
	[LINE_SOCKET] = { "socket", NULL },
	[LINE_LIMITS] = { "limits", NULL },
	[LINE_OVERRIDDEN] = { "overridden", NULL },
	[LINE_COUNTS] = { "counts", NULL },
	[LINE_DATAGRAMS] = { "datagrams", has_datagrams },
	[LINE_REFUSED] = { "refused", NULL },
	[LINE_FAILURE] = { "failure", NULL },
	[LINE_EXIT] = { "last exit", NULL },
	[LINE_HOLDS] = { "holds", holds_places },
	[LINE_CLIENTS] = { "clients", NULL },
};

void
service_lines(const struct running *running, struct text *text)
{
	facts_lines(text, &service_facts, running, lines, SERVICE_LINES);
}
