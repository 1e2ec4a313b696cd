/* What is told of superd itself. */
#include <stdio.h>
#include <unistd.h>

#include "conf/units.h"
#include "superd/base/settings.h"
#include "superd/control/facts.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/policy/ident_inquiry.h"
#include "superd/policy/sensor.h"
#include "superd/running/blocked.h"
#include "superd/running/children.h"
#include "superd/running/denylist.h"
#include "superd/running/line.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"
#include "superd/serve/internal.h"

enum { LINE_SUPERD = 1, LINE_CONFIG, LINE_PAUSED, LINE_DENIED, LINES };

/* A pool of places, and who holds most of it. */

struct pool_held {
	struct pool pool;
	struct holders holders;
};

static void
pool_service(const void *object, struct fact_value *value)
{
	const struct pool_held *held = object;

	if (held->holders.running != NULL)
		value->text = held->holders.running->id;
}

static void
pool_client(const void *object, struct fact_value *value)
{
	const struct pool_held *held = object;
	struct client_held *client = (void *)value->room;

	client->client = held->holders.client;
	client->places = held->holders.clients_places;
	value->object = client;
}

static const struct fact pool_rows[] = {
	{ "used", FACT_MEMBER(struct pool_held, pool.used) },
	{ "max", FACT_MEMBER(struct pool_held, pool.max) },
	{ "services", FACT_MEMBER(struct pool_held, pool.services) },
	{ "service", FACT_TEXT, .get = pool_service },
	{ "service_holds", FACT_MEMBER(struct pool_held, holders.places) },
	{ NULL, FACT_PART, .get = pool_client, .within = &client_facts },
};

static const struct facts pool_facts = FACTS(pool_rows);

static void
each_pool(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct superd *superd = object;

	for (unsigned place = 0; place < PLACES; place++) {
		struct pool_held held = { .pool = superd->pools[place] };

		share_holders(superd, place, &held.holders);
		visit(arg, share_place_name(place), &held);
	}
}

/* Workers. */

static void
internal_since(const void *object, struct fact_value *value)
{
	const struct internal *internal = object;

	value->seconds = seconds_since(internal->started);
}

static const struct fact internal_rows[] = {
	{ "pid", FACT_MEMBER(struct internal, pid) },
	{ "title", FACT_MEMBER(struct internal, title) },
	{ "connections", FACT_SIZE,
	    .offset = offsetof(struct internal, count) },
	{ "since", FACT_SECONDS, .get = internal_since },
};

static const struct facts internal_facts = FACTS(internal_rows);

static void
each_internal(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct superd *superd = object;
	const struct internal *internal;

	for (internal = internals_first(superd); internal != NULL;
	     internal = internals_next(internal))
		visit(arg, NULL, internal);
}

/* Entries that are left out. */

static const struct fact unservable_rows[] = {
	{ "id", FACT_MEMBER(struct service, id) },
	{ "file", FACT_MEMBER(struct service, place.file) },
	{ "line", FACT_MEMBER(struct service, place.line) },
};

static const struct facts unservable_facts = FACTS(unservable_rows);

static void
each_unservable(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct superd *superd = object;
	const struct conf *conf = superd->conf;

	for (size_t i = 0; i < conf->count; i++)
		if (conf->services[i]->unservable)
			visit(arg, NULL, conf->services[i]);
}

static void
each_service(const void *object, fact_visit_fn *visit, void *arg)
{
	struct running *running;

	for (running = running_first(object); running != NULL;
	     running = running_next(running))
		visit(arg, NULL, running);
}

static const struct fact file_row[] = { { NULL, FACT_TEXT, .offset = 0 } };
static const struct facts file_facts = { file_row, 1, .bare = true };

static void
each_file(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct superd *superd = object;

	for (size_t i = 0; i < superd->conf->nfiles; i++)
		visit(arg, NULL, &superd->conf->files[i]);
}

/* superd. */

static void
superd_version(const void *object, struct fact_value *value)
{
	(void)object;
	value->text = SUPERD_VERSION;
}

static void
superd_pid(const void *object, struct fact_value *value)
{
	(void)object;
	value->number = getpid();
}

static void
superd_uptime(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->seconds = seconds_since(superd->started);
}

char *
superd_summary(const struct superd *superd, char *buf, size_t size)
{
	size_t children = children_count(superd->children);
	char served[32] = "";
	struct running_count count;

	running_count(superd, &count);
	if (count.failed > 0)
		snprintf(served, sizeof(served), "%zu of ",
		    count.services - count.failed);
	snprintf(buf, size, "%s%zu service%s, %zu child%s", served,
	    count.services, plural(count.services), children,
	    children == 1 ? "" : "ren");
	return buf;
}

static void
superd_counts(const void *object, struct fact_value *value)
{
	value->text = superd_summary(object, value->room, sizeof(value->room));
}

static void
superd_config(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->text = superd->options->file;
}

static void
superd_children(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->number = (int64_t)children_count(superd->children);
}

static void
superd_waiting(const void *object, struct fact_value *value)
{
	value->number = lines_all(object);
}

static void
superd_shortage(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->text = waiters_lack(superd);
}

static void
superd_sources(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->number = (int64_t)sources_count(superd->sources);
}

static void
superd_denied(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->number = (int64_t)denylist_count(superd->denylist, loop_clock());
}

static void
superd_denied_left_out(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->number = (int64_t)sensors_left_out(superd->sensors);
}

static void
superd_ident_left_out(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->number = (int64_t)inquiries_left_out(superd->inquiries);
}

static void
superd_log_dropped(const void *object, struct fact_value *value)
{
	const struct superd *superd = object;

	value->number = (int64_t)(log_dropped() + sinks_dropped(superd->sinks));
}

static const struct fact superd_rows[] = {
	{ "version", FACT_TEXT, .get = superd_version, .line = LINE_SUPERD,
	    .before = "superd " },
	{ "pid", FACT_INT, .get = superd_pid, .line = LINE_SUPERD,
	    .before = ", pid " },
	{ "uptime", FACT_SECONDS, .get = superd_uptime, .line = LINE_SUPERD,
	    .before = ", up ", .after = " s", .whole = true },
	{ NULL, FACT_TEXT, .get = superd_counts, .line = LINE_SUPERD,
	    .before = ", " },
	{ "config", FACT_TEXT, .get = superd_config, .line = LINE_CONFIG,
	    .before = "configuration " },
	{ "files", FACT_LIST, .each = each_file, .within = &file_facts },
	{ "children", FACT_NUMBER, .get = superd_children },
	{ "max_children",
	    FACT_MEMBER(struct superd, pools[PLACE_PROCESS].max) },
	{ NULL, FACT_NAMED, .each = each_pool, .within = &pool_facts },
	{ "waiting", FACT_NUMBER, .get = superd_waiting },
	{ "workers", FACT_LIST, .each = each_internal,
	    .within = &internal_facts },
	{ "paused", FACT_TEXT, .get = superd_shortage, .line = LINE_PAUSED,
	    .before = "paused: out of " },
	{ "sources", FACT_NUMBER, .get = superd_sources },
	{ "denied", FACT_NUMBER, .get = superd_denied, .line = LINE_DENIED,
	    .before = "denied: ", .some = true },
	{ "denied_left_out", FACT_COUNTER, .get = superd_denied_left_out },
	{ "ident_left_out", FACT_COUNTER, .get = superd_ident_left_out },
	{ "log_dropped", FACT_COUNTER, .get = superd_log_dropped },
	{ "reloads", FACT_MEMBER(struct superd, reload_counts.applied),
	    .line = LINE_CONFIG, .before = ", ", .after = " reloads" },
	{ "reloads_failed", FACT_MEMBER(struct superd, reload_counts.refused),
	    .line = LINE_CONFIG, .before = ", ", .after = " refused" },
	{ "unservable", FACT_LIST, .each = each_unservable,
	    .within = &unservable_facts },
	{ "services", FACT_LIST, .each = each_service,
	    .within = &service_facts },
};

const struct facts superd_facts = FACTS(superd_rows);

void
superd_lines(const struct superd *superd, struct text *text)
{
	static const struct fact_line lines[LINES];

	facts_lines(text, &superd_facts, superd, lines, LINES);
}
