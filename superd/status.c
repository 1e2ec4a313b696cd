/* Status.  The keys of the JSON are documented in superctl(8) and stable. */
#include "superd/status.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/units.h"
#include "superd/child.h"
#include "superd/denied.h"
#include "superd/inquiry.h"
#include "superd/listen.h"
#include "superd/live.h"
#include "superd/log.h"
#include "superd/sink.h"
#include "superd/sockopt.h"
#include "superd/workers.h"

enum { MICROSECOND = 1000000 };

static double
seconds_since(int64_t then)
{
	return (double)(loop_clock() - then) / MICROSECOND;
}

static double
seconds_until(const struct loop_timer *timer)
{
	double left = (double)(timer->at - loop_clock()) / MICROSECOND;

	return loop_timer_running(timer) && left > 0 ? left : 0;
}

static const char *
program_of(const struct live *live)
{
	const struct service *service = live->service;

	if (service == NULL)
		return "-";
	if (service->sensor)
		return "sensor";
	if (service->internal != NULL)
		return "internal";
	return service->command.program != NULL ? service->command.program :
	    "redirect";
}

static const char *
type_name(int socktype)
{
	switch (socktype) {
	case SOCK_STREAM:
		return "stream";
	case SOCK_DGRAM:
		return "dgram";
	case SOCK_SEQPACKET:
		return "seqpacket";
	case SOCK_RDM:
		return "rdm";
	case SOCK_RAW:
		return "raw";
	default:
		return "?";
	}
}

/* Why a service is not listening now. */
static const char *
pause_reason(const struct live *live)
{
	static const struct { unsigned bit; const char *name; } reasons[] = {
		{ BLOCK_RATE, "rate" }, { BLOCK_INSTANCES, "instances" },
		{ BLOCK_HELD, "max_children" }, { BLOCK_BACKOFF, "backoff" },
		{ BLOCK_WORKER, "worker" },
	};
	unsigned blocked = 0;

	for (size_t i = 0; i < live->nlisteners; i++)
		blocked |= live->listeners[i]->blocked;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (blocked & reasons[i].bit)
			return reasons[i].bit == BLOCK_HELD &&
			    live->superd->shortage != NULL ? "shortage" :
			    reasons[i].name;
	return NULL;
}

static double
paused_for(const struct live *live)
{
	double most = seconds_until(&live->rate_timer);

	for (size_t i = 0; i < live->nlisteners; i++) {
		const struct listener *listener = live->listeners[i];

		if ((listener->blocked & BLOCK_BACKOFF) &&
		    seconds_until(&listener->timer) > most)
			most = seconds_until(&listener->timer);
	}
	return most;
}

/* JSON. */

static void
json_listener(struct text *text, const struct listener *listener)
{
	char address[ADDR_TEXT];
	const struct service *service = listener->live->service;

	json_open(text, NULL, '{');
	json_string(text, "address", addr_print(&listener->bound, address,
	    sizeof(address)));
	json_string(text, "type", type_name(service != NULL ?
	    service->socktype : listener->binding.socktype));
	json_number(text, "fd", listener->fd);
	json_string(text, "state", listener_state(listener));
	json_real(text, "retry_in", listener->blocked & (BLOCK_UNBOUND |
	    BLOCK_BACKOFF) ? seconds_until(&listener->timer) : 0);
	json_string_or_null(text, "error", listener->fd < 0 &&
	    listener->error != 0 ? strerror(listener->error) : NULL);
	json_number(text, "dropped",
	    (int64_t)sockopt_dropped(listener->fd));
	json_close(text, '}');
}

struct child_list {
	struct text *text;
	const struct live *live;
};

static void
json_child(void *arg, const struct child *child)
{
	struct child_list *list = arg;
	struct text *text = list->text;
	char address[ADDR_TEXT];

	if (child->live != list->live)
		return;
	json_open(text, NULL, '{');
	json_number(text, "pid", child->pid);
	json_real(text, "since", seconds_since(child->started));
	json_string_or_null(text, "peer", child->peer.len > 0 ?
	    addr_print(&child->peer, address, sizeof(address)) : NULL);
	json_bool(text, "wait", child->listener != NULL);
	json_close(text, '}');
}

static void
json_children(struct text *text, const struct live *live)
{
	struct child_list list = { text, live };

	json_open(text, "children", '[');
	if (live->children > 0)
		children_each(live->superd->children, json_child, &list);
	json_close(text, ']');
}

static void
json_refused(struct text *text, const struct live *live)
{
	json_open(text, "refused", '{');
	for (unsigned i = ADMITTED + 1; i < REFUSAL_COUNT; i++)
		json_number(text, refusal_name(i),
		    (int64_t)live->counters.refused[i]);
	json_close(text, '}');
}

static void
json_counters(struct text *text, const struct live *live)
{
	const struct counters *counters = &live->counters;

	json_number(text, "accepted", (int64_t)counters->accepted);
	json_number(text, "started", (int64_t)counters->started);
	json_number(text, "answered", (int64_t)counters->answered);
	json_number(text, "datagrams", (int64_t)counters->datagrams);
	json_number(text, "discarded", (int64_t)counters->discarded);
	json_number(text, "failed", (int64_t)counters->failed);
	json_refused(text, live);
}

static void
json_service(struct text *text, struct live *live, const char *name)
{
	static const char *const dialects[] = { "auto", "inetd", "xinetd",
		"superd" };
	const struct service *service = live->service;

	json_open(text, name, '{');
	json_string(text, "id", live->id);
	json_string(text, "state", live_state(live));
	if (service != NULL) {
		json_string(text, "name", service->name);
		json_string(text, "dialect", dialects[service->dialect]);
		json_bool(text, "wait", service->wait);
		json_string_or_null(text, "internal", service->internal);
		json_string_or_null(text, "program",
		    service->command.program);
		json_string_or_null(text, "user", service->command.user);
		json_string(text, "file", service->place.file);
		json_number(text, "line", service->place.line);
	}
	json_string_or_null(text, "paused", pause_reason(live));
	json_real(text, "paused_for", paused_for(live));
	json_open(text, "listeners", '[');
	for (size_t i = 0; i < live->nlisteners; i++)
		json_listener(text, live->listeners[i]);
	json_close(text, ']');
	json_children(text, live);
	json_counters(text, live);
	json_close(text, '}');
}

static void
json_unservable(struct text *text, const struct conf *conf)
{
	json_open(text, "unservable", '[');
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		if (!service->unservable)
			continue;
		json_open(text, NULL, '{');
		json_string(text, "id", service->id);
		json_string(text, "file", service->place.file);
		json_number(text, "line", service->place.line);
		json_close(text, '}');
	}
	json_close(text, ']');
}

static void
json_workers(struct text *text, const struct superd *superd)
{
	const struct worker_process *worker;

	json_open(text, "workers", '[');
	for (worker = workers_first(superd->workers); worker != NULL;
	    worker = workers_next(worker)) {
		json_open(text, NULL, '{');
		json_number(text, "pid", worker->pid);
		json_string(text, "title", worker->title);
		json_number(text, "connections", (int64_t)worker->count);
		json_real(text, "since", seconds_since(worker->started));
		json_close(text, '}');
	}
	json_close(text, ']');
}

void
status_list_json(struct superd *superd, struct text *text)
{
	struct live *live;

	json_open(text, NULL, '[');
	for (live = live_first(superd); live != NULL; live = live_next(live))
		json_service(text, live, NULL);
	json_close(text, ']');
	text_add(text, "\n");
}

void
status_show_json(struct superd *superd, struct live *live, struct text *text)
{
	(void)superd;
	json_service(text, live, NULL);
	text_add(text, "\n");
}

void
status_json(struct superd *superd, struct text *text)
{
	struct live *live;

	json_open(text, NULL, '{');
	json_string(text, "version", SUPERD_VERSION);
	json_number(text, "pid", getpid());
	json_real(text, "uptime", seconds_since(superd->started));
	json_string(text, "config", superd->options->file);
	json_open(text, "files", '[');
	for (size_t i = 0; i < superd->conf->nfiles; i++)
		json_string(text, NULL, superd->conf->files[i]);
	json_close(text, ']');
	json_number(text, "children",
	    (int64_t)children_count(superd->children));
	json_number(text, "max_children", superd->max_children);
	json_workers(text, superd);
	json_string_or_null(text, "paused", superd->shortage);
	json_number(text, "sources", (int64_t)sources_count(superd->sources));
	json_number(text, "denied", (int64_t)denied_count(superd->denied,
	    loop_clock()));
	json_number(text, "denied_left_out",
	    (int64_t)superd->denied_left_out);
	json_number(text, "ident_left_out",
	    (int64_t)inquiries_left_out(superd->inquiries));
	json_number(text, "log_dropped", (int64_t)(log_dropped() +
	    sinks_dropped(superd->sinks)));
	json_number(text, "reloads", (int64_t)superd->reloads);
	json_number(text, "reloads_failed", (int64_t)superd->reloads_failed);
	json_unservable(text, superd->conf);
	json_open(text, "services", '[');
	for (live = live_first(superd); live != NULL; live = live_next(live))
		json_service(text, live, NULL);
	json_close(text, ']');
	json_close(text, '}');
	text_add(text, "\n");
}

/* Text. */

static size_t
count_services(struct superd *superd)
{
	size_t count = 0;

	for (struct live *live = live_first(superd); live != NULL;
	    live = live_next(live))
		count += !live->removed;
	return count;
}

char *
status_line(struct superd *superd, char *buf, size_t size)
{
	size_t services = count_services(superd);
	size_t children = children_count(superd->children);

	snprintf(buf, size, "%zu service%s, %zu child%s", services,
	    plural(services), children, children == 1 ? "" : "ren");
	return buf;
}

static void
text_addresses(const struct live *live, struct text *text)
{
	char address[ADDR_TEXT];

	for (size_t i = 0; i < live->nlisteners; i++) {
		const struct listener *listener = live->listeners[i];

		if (strcmp(listener_state(listener), "absent") != 0)
			text_add(text, "%s%s", i > 0 ? " " : "",
			    addr_print(&listener->bound, address,
			    sizeof(address)));
	}
}

void
status_list_text(struct superd *superd, struct text *text, bool header)
{
	struct live *live;

	if (header)
		text_add(text, "%-24s %-10s %8s %10s %8s %s\n", "SERVICE",
		    "STATE", "CHILDREN", "ACCEPTED", "REFUSED", "ADDRESS");
	for (live = live_first(superd); live != NULL;
	    live = live_next(live)) {
		text_add(text, "%-24s %-10s %8u %10llu %8llu ", live->id,
		    live_state(live), live->children,
		    (unsigned long long)(live->counters.accepted +
		    live->counters.datagrams),
		    (unsigned long long)live_refused(live));
		text_addresses(live, text);
		text_add(text, "\n");
	}
}

static void
text_child(void *arg, const struct child *child)
{
	struct child_list *list = arg;
	char address[ADDR_TEXT];

	if (child->live == list->live)
		text_add(list->text, "  child %d for %.1f s, peer %s\n",
		    (int)child->pid, seconds_since(child->started),
		    child->peer.len > 0 ? addr_print(&child->peer, address,
		    sizeof(address)) : "-");
}

void
status_show_text(struct superd *superd, struct live *live, struct text *text)
{
	struct child_list list = { text, live };
	const char *reason = pause_reason(live);
	char address[ADDR_TEXT];

	text_add(text, "%s: %s, %s", live->id, live_state(live),
	    program_of(live));
	if (reason != NULL)
		text_add(text, ", paused by %s for %.1f s", reason,
		    paused_for(live));
	text_add(text, "\n");
	for (size_t i = 0; i < live->nlisteners; i++) {
		const struct listener *listener = live->listeners[i];

		text_add(text, "  %s %s%s%s\n", addr_print(&listener->bound,
		    address, sizeof(address)), listener_state(listener),
		    listener->fd < 0 && listener->error != 0 ? ": " : "",
		    listener->fd < 0 && listener->error != 0 ?
		    strerror(listener->error) : "");
	}
	for (unsigned i = ADMITTED + 1; i < REFUSAL_COUNT; i++)
		if (live->counters.refused[i] > 0)
			text_add(text, "  refused by %s: %llu\n",
			    refusal_name(i), (unsigned long long)
			    live->counters.refused[i]);
	children_each(superd->children, text_child, &list);
}

void
status_text(struct superd *superd, struct text *text, bool header)
{
	char line[80];
	size_t denied = denied_count(superd->denied, loop_clock());

	text_add(text, "superd %s, pid %d, up %.0f s, %s\n", SUPERD_VERSION,
	    (int)getpid(), seconds_since(superd->started),
	    status_line(superd, line, sizeof(line)));
	text_add(text, "configuration %s, %llu reloads, %llu refused\n",
	    superd->options->file, (unsigned long long)superd->reloads,
	    (unsigned long long)superd->reloads_failed);
	if (superd->shortage != NULL)
		text_add(text, "paused: out of %s\n", superd->shortage);
	if (denied > 0)
		text_add(text, "denied by sensors: %zu\n", denied);
	text_add(text, "\n");
	status_list_text(superd, text, header);
}

void
status_all_text(struct superd *superd, struct text *text)
{
	status_text(superd, text, true);
	for (struct live *live = live_first(superd); live != NULL;
	    live = live_next(live))
		status_show_text(superd, live, text);
}

void
status_log(struct superd *superd)
{
	struct text text = { 0 };
	char *line, *rest;

	status_all_text(superd, &text);
	rest = text.failed ? NULL : text.bytes;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] != '\0')
			log_info("dump %s", line);
	text_free(&text);
}
