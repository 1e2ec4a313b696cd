/*
 * A daemon's state, with services of each way of serving, as far as it is
 * there without processes: for what strangers say about it.
 */
#ifndef TESTS_FUZZ_STATE_H
#define TESTS_FUZZ_STATE_H

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "conf/check.h"
#include "conf/readers.h"
#include "conf/service.h"
#include "superd/base/clock.h"
#include "superd/base/settings.h"
#include "superd/control/selfcheck.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/policy/ident_inquiry.h"
#include "superd/policy/sensor.h"
#include "superd/policy/waiters.h"
#include "superd/running/child.h"
#include "superd/running/children.h"
#include "superd/running/denylist.h"
#include "superd/running/listener.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"
#include "superd/running/stderr_pipe.h"
#include "superd/running/tally.h"
#include "superd/serve/accept.h"
#include "superd/serve/datagram.h"
#include "superd/serve/internal.h"
#include "superd/serve/refuser.h"
#include "superd/serve/ways.h"
#include "tests/fuzz/input.h"
#include "tests/unit/fake_names.h"

enum { STATE_CONNECTIONS = 8, STATE_SOURCES = 4 };

#define STATE_SECTION(name, port, more) \
	"service \"" name "\" { listen = {\"127.0.0.1:" port "\"}\n" more "}\n"

/* In the order of their ids: 2001/tcp and so on. */
static const char state_text[] = "max_connections = 8\n" STATE_SECTION("echo",
    "2001", "internal = echo\n") STATE_SECTION("asks", "2002",
    "internal = echo\nlibwrap = yes\nrate = 5/s\n") STATE_SECTION("one", "2003",
    "internal = discard\ninstances = 1\nlog_on_success = "
    "{PID, HOST, USERID, EXIT, DURATION, TRAFFIC}\n"
    "log_on_failure = {HOST, USERID}\n") STATE_SECTION("far", "2004",
    "redirect = {\"example\", 80}\nper_source = 1\n"
    "source_rate = 2/s\n") STATE_SECTION("packets", "2005",
    "socket_type = dgram\ninternal = echo\n")
    STATE_SECTION("server", "2006", "server = /bin/cat\nuser = root\n")
	STATE_SECTION("mux", "2007", "internal = tcpmux\n");

static struct superd state;
static struct options state_options = { .log_connections = true };

static inline bool
state_log(void *arg, const struct record *record)
{
	(void)arg;
	(void)record;
	return true;
}

static inline struct conf *
state_read(void)
{
	struct load_context context;
	struct reports reports;
	struct source source;
	struct loader loader = { .context = &context,
		.reports = &reports,
		.conf = conf_new(),
		.depth = LOAD_DEPTH };

	fake_context(&context);
	reports_init(&reports);
	must(source_memory(&source, "f", state_text, sizeof(state_text) - 1,
		 &reports) == 0);
	superd_read(&loader, &source);
	source_free(&source);
	conf_check(loader.conf, &reports);
	for (size_t i = 0; i < reports.count; i++)
		fprintf(stderr, "%s\n", reports.list[i].text);
	must(reports_at_least(&reports, REPORT_UNSERVABLE) == 0);
	reports_free(&reports);
	names_free(context.names);
	for (size_t i = 0; i < loader.conf->count; i++) {
		struct service *service = loader.conf->services[i];

		limits_inherit(&service->limits, &loader.conf->globals.limits);
		service->backlog = 5;
		/* the checks are over: any port will do */
		for (size_t j = 0; j < service->nendpoints; j++)
			addr_set_port(&service->endpoints[j].addr, 0);
	}
	return loader.conf;
}

/* As in main(). */
static inline void
state_init(void)
{
	log_divert(state_log, NULL);
	state.options = &state_options;
	RB_INIT(&state.running_tree);
	state.waiters = waiters_new(&state, &accept_waiter);
	state.stderr_pipes = stderr_pipes_new();
	state.loop = loop_new();
	state.conf = state_read();
	TAILQ_INIT(&state.generations);
	state.children = children_new();
	state.internals = internals_new(&state);
	state.tally = tally_new();
	state.sources = sources_new(STATE_SOURCES);
	state.denylist = denylist_new(4);
	state.sensors = sensors_new();
	state.refusers = refusers_new();
	state.inquiries = inquiries_new();
	state.datagrams = datagrams_new();
	state.sinks = sinks_new();
	state.started = loop_clock();
	state.client_bits = state.conf->globals.client_bits;
	share_configure(&state);
}

/* It runs, with a socket on any port. */
static inline void
state_define(size_t i)
{
	const struct service *service = state.conf->services[i];
	struct running *running = running_get(&state, service->id);

	if (!running->removed)
		return;
	running_define(running, service, way_of(service));
	for (size_t j = 0; j < service->nendpoints; j++) {
		struct listener *listener = listener_new(running,
		    &service->endpoints[j]);

		running_add_listener(running, listener);
		must(listener_open(listener) == 0);
	}
}

static inline void
state_remove(size_t i)
{
	struct running *running = running_find(&state,
	    state.conf->services[i]->id);

	if (running != NULL && !running->removed)
		running_remove(running);
}

static inline void
state_stop(void *arg)
{
	loop_stop(arg);
}

/* What is ready, and every timer that is due. */
static inline void
state_wake(void)
{
	struct loop_timer timer = { .fn = state_stop, .arg = state.loop };

	loop_timer_set(state.loop, &timer, 0);
	must(loop_run(state.loop) == 0);
}

#endif
