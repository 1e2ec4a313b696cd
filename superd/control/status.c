/* Status.  The keys of the JSON are documented in superctl(8) and stable. */
#include "superd/control/status.h"

#include <sys/wait.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/units.h"
#include "superd/base/settings.h"
#include "superd/base/sockopt.h"
#include "superd/control/show.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/policy/ident_inquiry.h"
#include "superd/running/children.h"
#include "superd/running/denylist.h"
#include "superd/running/line.h"
#include "superd/running/listener.h"
#include "superd/running/refusal.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/running/share.h"
#include "superd/serve/workers.h"

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

/* JSON. */

static void
json_listener(struct text *text, const struct listener *listener)
{
	char address[ADDR_TEXT];
	const struct service *service = listener->running->service;

	json_open(text, NULL, '{');
	json_string(text, "address",
	    addr_print(listener->bound, address, sizeof(address)));
	json_string(text, "type",
	    type_name(service != NULL ? service->socktype :
					listener->binding.socktype));
	json_number(text, "fd", listener->fd);
	json_string(text, "state", listener_state(listener));
	json_real(text, "retry_in",
	    listener->blocked & (BLOCK_UNBOUND | BLOCK_BACKOFF) ?
		show_until(&listener->timer) :
		0);
	json_string_or_null(text, "error",
	    listener->fd < 0 && listener->error != 0 ?
		strerror(listener->error) :
		NULL);
	json_number(text, "dropped", (int64_t)sockopt_dropped(listener->fd));
	json_close(text, '}');
}

struct child_list {
	struct text *text;
	const struct running *running;
};

static void
json_child(void *arg, const struct child *child)
{
	struct child_list *list = arg;
	struct text *text = list->text;
	char address[ADDR_TEXT];

	if (child->running != list->running)
		return;
	json_open(text, NULL, '{');
	json_number(text, "pid", child->pid);
	json_real(text, "since", show_since(child->started));
	json_string_or_null(text, "peer",
	    child->peer.len > 0 ?
		addr_print(&child->peer, address, sizeof(address)) :
		NULL);
	json_bool(text, "wait", child->listener != NULL);
	json_close(text, '}');
}

static void
json_children(struct text *text, const struct running *running)
{
	struct child_list list = { text, running };

	json_open(text, "children", '[');
	if (running->children > 0)
		children_each(running->superd->children, json_child, &list);
	json_close(text, ']');
}

/* Who holds what. */

static void
json_client(struct text *text, const struct prefix *client, unsigned places)
{
	char address[ADDR_TEXT];

	json_string_or_null(text, "client",
	    places > 0 ? prefix_print(client, address, sizeof(address)) : NULL);
	json_number(text, "client_holds", places);
}

static void
json_places(struct text *text, const struct running *running)
{
	struct prefix client;
	unsigned most = running->service != NULL ?
	    share_most(running) :
	    UINT_MAX;

	for (unsigned place = 0; place < PLACES; place++)
		json_number(text, share_place_name(place),
		    running->places[place]);
	json_number(text, "most", most == UINT_MAX ? 0 : most);
	json_number(text, "waiting", lines_waiting(running));
	json_client(text, &client, share_client_of(running, &client));
}

static void
json_pool(struct text *text, struct superd *superd, enum place_kind place)
{
	const struct pool *pool = &superd->pools[place];
	struct holders holders;

	share_holders(superd, place, &holders);
	json_open(text, share_place_name(place), '{');
	json_number(text, "used", pool->used);
	json_number(text, "max", pool->max);
	json_number(text, "services", pool->services);
	json_string_or_null(text, "service",
	    holders.running != NULL ? holders.running->id : NULL);
	json_number(text, "service_holds", holders.places);
	json_client(text, &holders.client, holders.clients_places);
	json_close(text, '}');
}

static void
json_refused(struct text *text, const struct running *running)
{
	json_open(text, "refused", '{');
	for (unsigned i = ADMITTED + 1; i < REFUSAL_COUNT; i++)
		json_number(text, refusal_name(i),
		    (int64_t)running_refused_for(running, i));
	json_close(text, '}');
}

static void
json_counters(struct text *text, const struct running *running)
{
	const struct counters *counters = &running->counters;

	json_number(text, "accepted", (int64_t)counters->accepted);
	json_number(text, "started", (int64_t)counters->started);
	json_number(text, "answered", (int64_t)counters->answered);
	json_number(text, "datagrams", (int64_t)counters->datagrams);
	json_number(text, "discarded", (int64_t)counters->discarded);
	json_number(text, "failed", (int64_t)counters->failed);
	json_refused(text, running);
}

static void
json_count(struct text *text, const char *name, unsigned count)
{
	if (count == LIMIT_NONE || count == LIMIT_UNSET)
		json_string_or_null(text, name, NULL);
	else
		json_number(text, name, count);
}

static void
json_rate(struct text *text, const char *name, const struct rate *rate)
{
	if (rate->count == LIMIT_NONE) {
		json_string_or_null(text, name, NULL);
		return;
	}
	json_open(text, name, '{');
	json_number(text, "count", rate->count);
	json_number(text, "seconds", rate->seconds);
	json_close(text, '}');
}

static void
json_limits(struct text *text, const struct limits *limits)
{
	json_open(text, "limits", '{');
	json_count(text, "instances", limits->instances);
	json_count(text, "per_source", limits->per_source);
	json_rate(text, "rate", &limits->rate);
	json_rate(text, "source_rate", &limits->source_rate);
	json_close(text, '}');
}

static void
json_arguments(struct text *text, char *const argv[])
{
	json_open(text, "args", '[');
	for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
		json_string(text, NULL, argv[i]);
	json_close(text, ']');
}

static void
json_last_failure(struct text *text, const struct last_failure *failure)
{
	if (failure->at == 0) {
		json_string_or_null(text, "last_failure", NULL);
		return;
	}
	json_open(text, "last_failure", '{');
	json_string(text, "step", failure->step);
	json_string(text, "error", strerror(failure->error));
	json_number(text, "pid", failure->pid);
	json_real(text, "ago", show_since(failure->at));
	json_close(text, '}');
}

/* Of status and signal, one is null. */
static void
json_last_exit(struct text *text, const struct last_exit *last)
{
	if (last->at == 0) {
		json_string_or_null(text, "last_exit", NULL);
		return;
	}
	json_open(text, "last_exit", '{');
	if (WIFSIGNALED(last->status)) {
		json_string_or_null(text, "status", NULL);
		json_number(text, "signal", WTERMSIG(last->status));
	} else {
		json_number(text, "status", WEXITSTATUS(last->status));
		json_string_or_null(text, "signal", NULL);
	}
	json_number(text, "pid", last->pid);
	json_real(text, "ago", show_since(last->at));
	json_close(text, '}');
}

static void
json_service(struct text *text, struct running *running, const char *name)
{
	static const char *const dialects[] = { "auto", "inetd", "xinetd",
		"superd" };
	const struct service *service = running->service;

	json_open(text, name, '{');
	json_string(text, "id", running->id);
	json_string(text, "state", running_state(running));
	if (service != NULL) {
		json_string(text, "name", service->name);
		json_string(text, "dialect", dialects[service->dialect]);
		json_bool(text, "wait", service->wait);
		json_string_or_null(text, "internal", service->internal);
		json_string_or_null(text, "program", service->command.program);
		json_arguments(text, service->command.argv);
		json_string_or_null(text, "user", service->command.user);
		json_string_or_null(text, "group", service->command.group);
		json_string(text, "file", service->place.file);
		json_number(text, "line", service->place.line);
		json_limits(text, &service->limits);
	}
	json_last_failure(text, &running->last_failure);
	json_last_exit(text, &running->last_exit);
	json_string_or_null(text, "paused", show_pause(running));
	json_real(text, "paused_for", show_paused_for(running));
	json_open(text, "listeners", '[');
	for (size_t i = 0; i < running->nlisteners; i++)
		json_listener(text, running->listeners[i]);
	json_close(text, ']');
	json_children(text, running);
	json_places(text, running);
	json_counters(text, running);
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
		json_real(text, "since", show_since(worker->started));
		json_close(text, '}');
	}
	json_close(text, ']');
}

void
status_list_json(struct superd *superd, struct text *text)
{
	struct running *running;

	json_open(text, NULL, '[');
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		json_service(text, running, NULL);
	json_close(text, ']');
	text_add(text, "\n");
}

void
status_show_json(struct running *running, struct text *text)
{
	json_service(text, running, NULL);
	text_add(text, "\n");
}

void
status_json(struct superd *superd, struct text *text)
{
	struct running *running;

	json_open(text, NULL, '{');
	json_string(text, "version", SUPERD_VERSION);
	json_number(text, "pid", getpid());
	json_real(text, "uptime", show_since(superd->started));
	json_string(text, "config", superd->options->file);
	json_open(text, "files", '[');
	for (size_t i = 0; i < superd->conf->nfiles; i++)
		json_string(text, NULL, superd->conf->files[i]);
	json_close(text, ']');
	json_number(text, "children",
	    (int64_t)children_count(superd->children));
	json_number(text, "max_children", superd->pools[PLACE_PROCESS].max);
	for (unsigned place = 0; place < PLACES; place++)
		json_pool(text, superd, place);
	json_number(text, "waiting", superd->waiting);
	json_workers(text, superd);
	json_string_or_null(text, "paused", superd->shortage);
	json_number(text, "sources", (int64_t)sources_count(superd->sources));
	json_number(text, "denied",
	    (int64_t)denylist_count(superd->denylist, loop_clock()));
	json_number(text, "denied_left_out", (int64_t)superd->denied_left_out);
	json_number(text, "ident_left_out",
	    (int64_t)inquiries_left_out(superd->inquiries));
	json_number(text, "log_dropped",
	    (int64_t)(log_dropped() + sinks_dropped(superd->sinks)));
	json_number(text, "reloads", (int64_t)superd->reloads);
	json_number(text, "reloads_failed", (int64_t)superd->reloads_failed);
	json_unservable(text, superd->conf);
	json_open(text, "services", '[');
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		json_service(text, running, NULL);
	json_close(text, ']');
	json_close(text, '}');
	text_add(text, "\n");
}

/* Text. */

char *
status_line(struct superd *superd, char *buf, size_t size)
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
text_addresses(const struct running *running, struct text *text)
{
	char address[ADDR_TEXT];

	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];

		if (strcmp(listener_state(listener), "absent") != 0)
			text_add(text, "%s%s", i > 0 ? " " : "",
			    addr_print(listener->bound, address,
				sizeof(address)));
	}
}

/* The columns of the list but the last; their widths are in characters. */
enum column { SERVICE, STATE, CHILDREN, ACCEPTED, REFUSED, FAILED, COLUMNS };

enum { CELL = 128 };

struct table {
	unsigned width[COLUMNS];
};

static const char *const headings[COLUMNS] = { "SERVICE", "STATE", "CHILDREN",
	"ACCEPTED", "REFUSED", "FAILED" };

static const char *
cell(const struct running *running, enum column column, char buf[CELL])
{
	unsigned long long number = 0;

	switch (column) {
	case SERVICE:
		return running->id;
	case STATE:
		return running_state(running);
	case CHILDREN:
		number = running->children;
		break;
	case ACCEPTED:
		number = running->counters.accepted +
		    running->counters.datagrams;
		break;
	case REFUSED:
		number = running_refused(running);
		break;
	case FAILED:
	case COLUMNS:
		number = running->counters.failed;
		break;
	}
	snprintf(buf, CELL, "%llu", number);
	return buf;
}

/* Characters of UTF-8, as if each took one column. */
static unsigned
characters(const char *text)
{
	unsigned count = 0;

	for (; *text != '\0'; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

static void
widen(struct table *table, enum column column, const char *text)
{
	unsigned width = characters(text);

	if (width > table->width[column])
		table->width[column] = width;
}

static void
measure(struct superd *superd, struct table *table)
{
	char buf[CELL];

	for (enum column i = 0; i < COLUMNS; i++)
		widen(table, i, headings[i]);
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		for (enum column i = 0; i < COLUMNS; i++)
			widen(table, i, cell(running, i, buf));
}

/* Texts stand to the left, numbers to the right. */
static void
add_cell(struct text *text, const struct table *table, enum column column,
    const char *content)
{
	int pad = (int)(table->width[column] - characters(content));

	if (column < CHILDREN)
		text_add(text, "%s%*s ", content, pad, "");
	else
		text_add(text, "%*s%s ", pad, "", content);
}

void
status_list_text(struct superd *superd, struct text *text, bool header)
{
	struct table table = { { 0 } };
	char buf[CELL];

	measure(superd, &table);
	for (enum column i = 0; header && i < COLUMNS; i++)
		add_cell(text, &table, i, headings[i]);
	if (header)
		text_add(text, "ADDRESS\n");
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		for (enum column i = 0; i < COLUMNS; i++)
			add_cell(text, &table, i, cell(running, i, buf));
		text_addresses(running, text);
		text_add(text, "\n");
	}
}

void
status_text(struct superd *superd, struct text *text, bool header)
{
	char line[80];
	size_t denied = denylist_count(superd->denylist, loop_clock());

	text_add(text, "superd %s, pid %d, up %.0f s, %s\n", SUPERD_VERSION,
	    (int)getpid(), show_since(superd->started),
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
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		show_service(running, text);
}
