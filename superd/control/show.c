/* One service as text for people. */
#include "superd/control/show.h"

#include <sys/wait.h>

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "superd/base/clock.h"
#include "superd/base/sockopt.h"
#include "superd/running/children.h"
#include "superd/running/line.h"
#include "superd/running/listener.h"
#include "superd/running/refusal.h"
#include "superd/running/running.h"
#include "superd/running/share.h"

enum { HOLDERS_SHOWN = 3 };

/* Facts that JSON has as well. */

double
show_since(int64_t then)
{
	return (double)(loop_clock() - then) / SECOND;
}

double
show_until(const struct loop_timer *timer)
{
	double left = (double)(timer->at - loop_clock()) / SECOND;

	return loop_timer_running(timer) && left > 0 ? left : 0;
}

/* "sensor", "internal", "redirect" or the path of its program. */
static const char *
show_program(const struct running *running)
{
	const struct service *service = running->service;

	if (service == NULL)
		return "-";
	if (service->sensor)
		return "sensor";
	if (service->internal != NULL)
		return "internal";
	return service->command.program != NULL ?
	    service->command.program :
	    "redirect";
}

static const char *
held_by(const struct running *running)
{
	return refusal_name(
	    running->superd->shortage != NULL || running->place == PLACES ?
		REFUSED_SHORTAGE :
		share_refusal(running->place));
}

const char *
show_pause(const struct running *running)
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
		blocked |= running->listeners[i]->blocked;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (blocked & reasons[i].bit)
			return reasons[i].bit == BLOCK_HELD ?
			    held_by(running) :
			    reasons[i].name;
	return lines_waiting(running) > 0 ? refusal_name(REFUSED_SHARE) : NULL;
}

double
show_paused_for(const struct running *running)
{
	double most = show_until(&running->rate_timer);

	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];

		if ((listener->blocked & BLOCK_BACKOFF) &&
		    show_until(&listener->timer) > most)
			most = show_until(&listener->timer);
	}
	return most;
}

/* Rows. */

static void row(struct text *, const char *, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static void
row(struct text *text, const char *label, const char *fmt, ...)
{
	char line[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_add(text, "  %-11s%s\n", label, line);
}

/* What it is. */

static void
add_arguments(struct text *text, const struct command *command)
{
	if (command->argv == NULL || command->argv[0] == NULL)
		return;
	text_add(text, "  %-11s%s", "arguments", command->argv[0]);
	for (size_t i = 1; command->argv[i] != NULL; i++) {
		const char *argument = command->argv[i];
		const char *quote = argument[0] == '\0' ||
			strpbrk(argument, " \t\n") != NULL ?
		    "\"" :
		    "";

		text_add(text, " %s%s%s", quote, argument, quote);
	}
	text_add(text, "\n");
}

static void
add_definition(struct text *text, const struct service *service)
{
	const struct command *command = &service->command;

	if (service->internal != NULL)
		row(text, "internal", "%s", service->internal);
	else if (service->redirect.host != NULL)
		row(text, "redirect", "to %s port %s", service->redirect.host,
		    service->redirect.port);
	else
		add_arguments(text, command);
	if (command->program != NULL)
		row(text, "user", "%s%s%s",
		    command->user != NULL ? command->user : "as superd's own",
		    command->group != NULL ? ", group " : "",
		    command->group != NULL ? command->group : "");
	row(text, "defined", "%s:%u", service->place.file, service->place.line);
}

static void
add_listener(struct text *text, const struct listener *listener)
{
	char address[ADDR_TEXT], next[48] = "";
	bool failed = listener->fd < 0 && listener->error != 0;
	uint64_t dropped = sockopt_dropped(listener->fd);

	if (dropped > 0)
		snprintf(next, sizeof(next), ", %llu packets dropped",
		    (unsigned long long)dropped);
	if (failed && loop_timer_running(&listener->timer))
		snprintf(next, sizeof(next), ", tried again in %.1f s",
		    show_until(&listener->timer));
	row(text, "socket", "%s %s%s%s%s",
	    addr_print(listener->bound, address, sizeof(address)),
	    listener_state(listener), failed ? ": " : "",
	    failed ? strerror(listener->error) : "", next);
}

/* Limits, and who holds what they bound. */

static void
add_limit(struct text *text, size_t start, const char *what, unsigned count,
    unsigned seconds)
{
	if (count == LIMIT_NONE || count == LIMIT_UNSET)
		return;
	if (text->length == start)
		text_add(text, "  %-11s", "limits");
	else
		text_add(text, ", ");
	text_add(text, "%s %u", what, count);
	if (seconds > 0)
		text_add(text, " in %u s", seconds);
}

static void
add_limits(struct text *text, const struct limits *limits)
{
	size_t start = text->length;

	add_limit(text, start, "instances", limits->instances, 0);
	add_limit(text, start, "per_source", limits->per_source, 0);
	add_limit(text, start, "rate", limits->rate.count,
	    limits->rate.seconds);
	add_limit(text, start, "source_rate", limits->source_rate.count,
	    limits->source_rate.seconds);
	if (text->length > start)
		text_add(text, "\n");
}

/* "holds      3 of 40, 2 waiting" */
static void
add_places(struct text *text, const struct running *running)
{
	unsigned most = share_most(running);
	size_t waiting = lines_waiting(running);

	if (running->children == 0 && waiting == 0)
		return;
	text_add(text, "  %-11s%u", "holds", running->children);
	if (most != UINT_MAX)
		text_add(text, " of %u", most);
	if (waiting > 0)
		text_add(text, ", %zu waiting", waiting);
	text_add(text, "\n");
}

/* The clients of a service's children; sorted, one entry for each child. */
struct clients_of {
	const struct running *running;
	struct prefix *list;
	size_t count;
};

static void
collect_client(void *arg, const struct child *child)
{
	struct clients_of *clients = arg;

	if (child->running == clients->running && child->peer.len > 0 &&
	    clients->count < clients->running->children)
		client_of(&child->peer, &child->running->superd->client_bits,
		    &clients->list[clients->count++]);
}

static int
compare_clients(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

/* A client, and how many children serve it. */
struct holder {
	const struct prefix *client;
	size_t count;
};

/* The ones that hold most come first. */
static void
enter_holder(struct holder top[HOLDERS_SHOWN], struct holder holder)
{
	for (size_t i = 0; i < HOLDERS_SHOWN; i++)
		if (holder.count > top[i].count) {
			struct holder next = top[i];

			top[i] = holder;
			holder = next;
		}
}

static void
count_holders(const struct clients_of *clients,
    struct holder top[HOLDERS_SHOWN])
{
	size_t first = 0;

	for (size_t i = 0; i < clients->count; i++) {
		if (i + 1 < clients->count &&
		    prefix_equal(&clients->list[i], &clients->list[i + 1]))
			continue;
		enter_holder(top,
		    (struct holder){ &clients->list[i], i + 1 - first });
		first = i + 1;
	}
}

/* "clients    192.0.2.7 has 12, 2001:db8::/64 has 3" */
static void
add_holders(struct text *text, const struct running *running)
{
	struct clients_of clients = { .running = running };
	struct holder top[HOLDERS_SHOWN] = { { NULL, 0 } };
	char client[ADDR_TEXT];

	if (running->children == 0)
		return;
	clients.list = calloc(running->children, sizeof(*clients.list));
	if (clients.list == NULL)
		return;
	children_each(running->superd->children, collect_client, &clients);
	qsort(clients.list, clients.count, sizeof(*clients.list),
	    compare_clients);
	count_holders(&clients, top);
	for (size_t i = 0; i < HOLDERS_SHOWN && top[i].count > 0; i++)
		text_add(text, "%s%s has %zu", i == 0 ? "  clients    " : ", ",
		    prefix_print(top[i].client, client, sizeof(client)),
		    top[i].count);
	if (top[0].count > 0)
		text_add(text, "\n");
	free(clients.list);
}

/* Those that a line is for, and where it goes. */
struct lines_of {
	const struct running *running;
	struct text *text;
};

static void
add_child(void *arg, const struct child *child)
{
	struct lines_of *lines = arg;
	char address[ADDR_TEXT];

	if (child->running == lines->running)
		text_add(lines->text, "  child %d for %.1f s, peer %s\n",
		    (int)child->pid, show_since(child->started),
		    child->peer.len > 0 ?
			addr_print(&child->peer, address, sizeof(address)) :
			"-");
}

/* What became of its clients. */

static void
add_counters(struct text *text, const struct running *running)
{
	const struct counters *counters = &running->counters;

	row(text, "counts",
	    "accepted %llu, started %llu, answered %llu, "
	    "failed %llu, refused %llu",
	    (unsigned long long)counters->accepted,
	    (unsigned long long)counters->started,
	    (unsigned long long)counters->answered,
	    (unsigned long long)counters->failed,
	    (unsigned long long)running_refused(running));
	if (counters->datagrams > 0 || counters->discarded > 0)
		row(text, "datagrams", "read %llu, discarded %llu",
		    (unsigned long long)counters->datagrams,
		    (unsigned long long)counters->discarded);
	for (unsigned i = ADMITTED + 1; i < REFUSAL_COUNT; i++)
		if (running_refused_for(running, i) > 0)
			row(text, "refused", "by %s: %llu", refusal_name(i),
			    (unsigned long long)running_refused_for(running,
				i));
}

static void
add_last(struct text *text, const struct running *running)
{
	const struct last_failure *failure = &running->last_failure;
	const struct last_exit *last = &running->last_exit;

	if (failure->at != 0)
		row(text, "failure", "%s: %s, pid %d, %.1f s ago",
		    failure->step, strerror(failure->error), (int)failure->pid,
		    show_since(failure->at));
	if (last->at == 0)
		return;
	if (WIFSIGNALED(last->status))
		row(text, "last exit", "signal %d (%s), pid %d, %.1f s ago",
		    WTERMSIG(last->status), strsignal(WTERMSIG(last->status)),
		    (int)last->pid, show_since(last->at));
	else
		row(text, "last exit", "status %d, pid %d, %.1f s ago",
		    WEXITSTATUS(last->status), (int)last->pid,
		    show_since(last->at));
}

void
show_service(const struct running *running, struct text *text)
{
	const char *reason = show_pause(running);
	struct lines_of lines = { running, text };

	text_add(text, "%s: %s, %s", running->id, running_state(running),
	    show_program(running));
	if (reason != NULL)
		text_add(text, ", paused by %s for %.1f s", reason,
		    show_paused_for(running));
	text_add(text, "\n");
	if (running->service != NULL)
		add_definition(text, running->service);
	for (size_t i = 0; i < running->nlisteners; i++)
		add_listener(text, running->listeners[i]);
	if (running->service != NULL)
		add_limits(text, &running->service->limits);
	add_counters(text, running);
	add_last(text, running);
	if (running->service != NULL)
		add_places(text, running);
	add_holders(text, running);
	children_each(running->superd->children, add_child, &lines);
}
