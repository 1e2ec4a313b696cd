/* The families of metrics: a row, and a function that writes its lines. */
#include "superd/control/metrics.h"

#include <string.h>
#include <time.h>

#include "superd/base/clock.h"
#include "superd/base/settings.h"
#include "superd/base/sockdiag_all.h"
#include "superd/control/metrics_sample.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/running/denylist.h"
#include "superd/running/listener.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/running_more.h"
#include "superd/running/running_tree.h"
#include "superd/running/share.h"

/* Of a service. */

static void
add(struct sample *sample, const struct running *running, uint64_t number)
{
	sample_begin(sample, "");
	sample_label(sample, "service", running->id);
	sample_number(sample, number);
}

static void
add_with(struct sample *sample, const struct running *running, const char *name,
    const char *value, uint64_t number)
{
	sample_begin(sample, "");
	sample_label(sample, "service", running->id);
	sample_label(sample, name, value);
	sample_number(sample, number);
}

static void
connections(struct sample *sample, const struct running *running)
{
	add(sample, running, running->counters.accepted);
}

static void
datagrams(struct sample *sample, const struct running *running)
{
	if (running->counters.datagrams > 0)
		add(sample, running, running->counters.datagrams);
}

static void
refused(struct sample *sample, const struct running *running)
{
	if (running->counters.refused == NULL)
		return;
	for (unsigned i = ADMITTED + 1; i < REFUSAL_COUNT; i++) {
		uint64_t count = running_refused_for(running, i);

		if (count > 0)
			add_with(sample, running, "reason", refusal_name(i),
			    count);
	}
}

static void
sessions(struct sample *sample, const struct running *running)
{
	add(sample, running, running->children);
}

static bool
has_ended(const struct ends *ends)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < END_KINDS; i++)
		count += ends->counts[i];
	return count > 0;
}

static void
session_seconds(struct sample *sample, const struct running *running)
{
	const struct ends *ends = &running_more_of(running)->ends;

	if (has_ended(ends))
		sample_histogram(sample, running->id, &ends->seconds,
		    ends_bounds);
}

static void
exits(struct sample *sample, const struct running *running)
{
	const struct ends *ends = &running_more_of(running)->ends;

	for (unsigned i = 0; has_ended(ends) && i < END_KINDS; i++)
		add_with(sample, running, "how", end_name(i), ends->counts[i]);
}

static void
failures(struct sample *sample, const struct running *running)
{
	if (running->counters.failed > 0)
		add(sample, running, running->counters.failed);
}

/* What an optional endpoint lacks is no failure. */
static void
listener_up(struct sample *sample, const struct running *running)
{
	char address[ADDR_TEXT];

	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];
		bool up = listener->fd >= 0;

		if (up || strcmp(listener_state(listener), "absent") != 0)
			add_with(sample, running, "address",
			    addr_print(listener->bound, address,
				sizeof(address)),
			    up);
	}
}

static const struct {
	unsigned bits; /* enum block */
	const char *reason;
} pauses[] = {
	{ BLOCK_RATE, "rate" },
	{ BLOCK_INSTANCES, "instances" },
	{ BLOCK_HELD, "full" },
	{ BLOCK_BACKOFF, "unread" },
	{ BLOCK_WORKER, "worker" },
};

static void
paused(struct sample *sample, const struct running *running)
{
	unsigned bits = 0;

	for (size_t i = 0; i < running->nlisteners; i++)
		bits |= running->listeners[i]->blocked |
		    running->listeners[i]->told;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++)
		if ((bits & pauses[i].bits) != 0)
			add_with(sample, running, "reason", pauses[i].reason,
			    1);
	if (running->closed != CLOSED_NOT)
		add_with(sample, running, "reason",
		    closed_name(running->closed), 1);
}

/* Connections that nobody has accepted yet, where the kernel tells. */
static struct sockdiag_queues queues;

static void
backlog(struct sample *sample, const struct running *running)
{
	char address[ADDR_TEXT];

	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];
		const struct sockdiag_queue *queue = listener->fd < 0 ?
		    NULL :
		    sockdiag_queue_of(&queues, listener->bound);

		if (queue != NULL)
			add_with(sample, running, "address",
			    addr_print(listener->bound, address,
				sizeof(address)),
			    queue->waiting);
	}
}

/* Of superd. */

static void
places_used(struct sample *sample, const struct superd *superd)
{
	for (unsigned place = 0; place < PLACES; place++) {
		sample_begin(sample, "");
		sample_label(sample, "kind", share_place_name(place));
		sample_number(sample, superd->pools[place].used);
	}
}

static void
places_max(struct sample *sample, const struct superd *superd)
{
	for (unsigned place = 0; place < PLACES; place++) {
		if (superd->pools[place].max == LIMIT_NONE)
			continue;
		sample_begin(sample, "");
		sample_label(sample, "kind", share_place_name(place));
		sample_number(sample, superd->pools[place].max);
	}
}

static void
add_one(struct sample *sample, uint64_t number)
{
	sample_begin(sample, "");
	sample_number(sample, number);
}

static void
denied(struct sample *sample, const struct superd *superd)
{
	add_one(sample, denylist_count(superd->denylist, loop_clock()));
}

static void
add_reload(struct sample *sample, const char *result, uint64_t number)
{
	sample_begin(sample, "");
	sample_label(sample, "result", result);
	sample_number(sample, number);
}

static void
reloads(struct sample *sample, const struct superd *superd)
{
	add_reload(sample, "applied", superd->reload_counts.applied);
	add_reload(sample, "refused", superd->reload_counts.refused);
}

static void
unservable(struct sample *sample, const struct superd *superd)
{
	add_one(sample, superd->reload_counts.unservable);
}

static void
log_lines_dropped(struct sample *sample, const struct superd *superd)
{
	add_one(sample, log_dropped() + sinks_dropped(superd->sinks));
}

static void
loop_seconds(struct sample *sample, const struct superd *superd)
{
	sample_histogram(sample, NULL, loop_busy(superd->loop),
	    loop_busy_bounds);
}

static void
build_info(struct sample *sample, const struct superd *superd)
{
	(void)superd;
	sample_begin(sample, "");
	sample_label(sample, "version", SUPERD_VERSION);
	sample_number(sample, 1);
}

static void
cpu_seconds(struct sample *sample, const struct superd *superd)
{
	sample_begin(sample, "");
	sample_seconds(sample, (uint64_t)superd->vitals.cpu);
}

static void
resident(struct sample *sample, const struct superd *superd)
{
	if (superd->vitals.resident >= 0)
		add_one(sample, (uint64_t)superd->vitals.resident);
}

static void
files(struct sample *sample, const struct superd *superd)
{
	if (superd->vitals.files >= 0)
		add_one(sample, (uint64_t)superd->vitals.files);
}

static void
start_time(struct sample *sample, const struct superd *superd)
{
	add_one(sample,
	    (uint64_t)(time(NULL) - (loop_clock() - superd->started) / SECOND));
}

/* All. */

static const struct {
	const char *name, *type, *help;
	/* One of these. */
	void (*each)(struct sample *, const struct running *);
	void (*all)(struct sample *, const struct superd *);
} families[] = {
	{ "superd_connections_total", "counter",
	    "Connections accepted, and sockets handed to wait servers.",
	    .each = connections },
	{ "superd_datagrams_total", "counter",
	    "Datagrams read by internal services.", .each = datagrams },
	{ "superd_refused_total", "counter", "Clients refused.",
	    .each = refused },
	{ "superd_sessions", "gauge", "Clients and servers now.",
	    .each = sessions },
	{ "superd_session_seconds", "histogram",
	    "Length of the sessions that have ended.",
	    .each = session_seconds },
	{ "superd_exits_total", "counter",
	    "Sessions that have ended, by their status.", .each = exits },
	{ "superd_start_failures_total", "counter",
	    "Servers that could not be started, and failed connections.",
	    .each = failures },
	{ "superd_listener_up", "gauge", "Is the socket bound?",
	    .each = listener_up },
	{ "superd_backlog", "gauge",
	    "TCP connections that are not accepted yet.", .each = backlog },
	{ "superd_paused", "gauge", "Why no client is accepted now.",
	    .each = paused },
	{ "superd_places_used", "gauge", "Places taken, of all services.",
	    .all = places_used },
	{ "superd_places_max", "gauge", "Places there are.",
	    .all = places_max },
	{ "superd_denied", "gauge", "Clients on the deny list.",
	    .all = denied },
	{ "superd_reloads_total", "counter", "Reloads of the configuration.",
	    .all = reloads },
	{ "superd_unservable", "gauge",
	    "Entries of the configuration that are left out.",
	    .all = unservable },
	{ "superd_log_dropped_total", "counter",
	    "Lines that the log did not take.", .all = log_lines_dropped },
	{ "superd_loop_seconds", "histogram",
	    "How long a round of the loop kept others waiting.",
	    .all = loop_seconds },
	{ "superd_build_info", "gauge", "The version of superd.",
	    .all = build_info },
	{ "process_cpu_seconds_total", "counter", "CPU time of the daemon.",
	    .all = cpu_seconds },
	{ "process_resident_memory_bytes", "gauge", "Memory of the daemon.",
	    .all = resident },
	{ "process_open_fds", "gauge", "Open descriptors of the daemon.",
	    .all = files },
	{ "process_start_time_seconds", "gauge",
	    "When the daemon began, in seconds since 1970.",
	    .all = start_time },
};

static void
write_services(struct superd *superd, struct sample *sample,
    void (*each)(struct sample *, const struct running *))
{
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		each(sample, running);
}

void
metrics_write(struct superd *superd, struct text *text)
{
	sockdiag_queues(&queues);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct sample sample = { .text = text,
			.name = families[i].name };

		text_add(text, "# HELP %s %s\n# TYPE %s %s\n", families[i].name,
		    families[i].help, families[i].name, families[i].type);
		if (families[i].each != NULL)
			write_services(superd, &sample, families[i].each);
		else
			families[i].all(&sample, superd);
	}
}
