/* superd: the order of starting, running and stopping. */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "superd/base/devices.h"
#include "superd/base/generation.h"
#include "superd/base/loop_signal.h"
#include "superd/base/netlink.h"
#include "superd/base/notify.h"
#include "superd/base/paths.h"
#include "superd/check.h"
#include "superd/commands.h"
#include "superd/control/dump.h"
#include "superd/control/facts.h"
#include "superd/control/log_dump.h"
#include "superd/control/selfcheck.h"
#include "superd/explain.h"
#include "superd/given.h"
#include "superd/instance.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/oneliner.h"
#include "superd/oneliner_world.h"
#include "superd/options.h"
#include "superd/pages.h"
#include "superd/policy/ident_inquiry.h"
#include "superd/policy/sensor.h"
#include "superd/policy/waiters.h"
#include "superd/reloads.h"
#include "superd/resume.h"
#include "superd/running/child.h"
#include "superd/running/denied_file.h"
#include "superd/running/denylist.h"
#include "superd/running/event_self.h"
#include "superd/running/fd_store.h"
#include "superd/running/lately.h"
#include "superd/running/lingering.h"
#include "superd/running/records.h"
#include "superd/running/rpc.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/running/service_log.h"
#include "superd/running/sources.h"
#include "superd/running/stderr_pipe.h"
#include "superd/running/superd.h"
#include "superd/save.h"
#include "superd/running/tally.h"
#include "superd/serve/accept.h"
#include "superd/serve/internal.h"
#include "superd/serve/datagram.h"
#include "superd/serve/refuser.h"
#include "superd/spawn/command.h"
#include "superd/spawn/daemon.h"
#include "superd/spawn/process.h"
#include "superd/spawn/spawn.h"
#include "superd/spawn/variables.h"
#include "superd/stop.h"
#include "superd/systemd/import.h"
#include "superd/upgrade.h"
#include "superd/upgrade_exec.h"

enum { EXIT_USAGE = 2 };

/* Signals. */

static void
on_reopen(void *arg)
{
	struct superd *superd = arg;

	log_reopen();
	sinks_reopen(superd->sinks);
}

static void
on_child(void *arg)
{
	struct superd *superd = arg;
	struct rusage usage;
	int status;
	pid_t pid;
	bool any = false;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		spawner_ended(superd->spawner, status);
		if (superd->resumed && !superd->ready)
			resume_ended(pid, status, &usage);
		process_ended(pid, status, &usage);
		any = true;
	}
	if (any)
		waiters_release(superd);
}

/* NULL: the signal is left as it is. */
static int
catch_signals(struct superd *superd)
{
	static const struct {
		int signo;
		loop_fn *superd, *xinetd;
	} signals[] = {
		{ SIGHUP, reload_on_signal, reload_on_signal },
		{ SIGTERM, stop_on_signal, terminate_on_signal },
		{ SIGINT, stop_on_signal, stop_on_signal },
		{ SIGQUIT, stop_on_signal, stop_on_signal },
		{ SIGUSR1, logdump_on_signal, dump_on_signal },
		{ SIGUSR2, on_reopen, reload_on_signal },
		{ SIGABRT, NULL, selfcheck_on_signal },
		{ SIGIO, NULL, selfcheck_on_signal },
		{ SIGCHLD, on_child, on_child },
	};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		loop_fn *fn = superd->options->started_as == STARTED_AS_XINETD ?
		    signals[i].xinetd :
		    signals[i].superd;

		if (fn != NULL &&
		    loop_signal(superd->loop, signals[i].signo, fn, superd) !=
			0)
			return -1;
	}
	return 0;
}

static void
on_denied(struct superd *superd, const struct denied *denied)
{
	internals_deny(superd, denied);
	denied_file_changed(superd);
}

/* Starting. */

static int
superd_init(struct superd *superd, const struct options *options, bool resumed)
{
	memset(superd, 0, sizeof(*superd));
	superd->options = options;
	superd->resumed = resumed;
	RB_INIT(&superd->running_tree);
	superd->waiters = waiters_new(superd, &accept_waiter);
	superd->stderr_pipes = stderr_pipes_new();
	superd->loop = loop_new();
	netlink_prepare();
	superd->conf = generation_none();
	TAILQ_INIT(&superd->generations);
	superd->children = children_new();
	superd->pages = superd_pages;
	superd->npages = superd_npages;
	superd->internals = internals_new(superd);
	superd->denied = on_denied;
	superd->places_free = internals_places_free;
	superd->tally = tally_new();
	superd->sources = sources_new(SOURCES_MAX);
	superd->denylist = denylist_new(DENIED_MAX);
	superd->denied_file = denied_file_new(superd);
	superd->sensors = sensors_new();
	superd->refusers = refusers_new();
	superd->lately = lately_new();
	superd->lingering = lingering_new(superd);
	superd->inquiries = inquiries_new();
	superd->datagrams = datagrams_new();
	superd->control = control_new(superd, commands_run);
	superd->explainer = explainer_new(superd);
	superd->saver = saver_new(superd);
	superd->rpc = rpc_new(superd);
	superd->fd_store = fd_store_new(superd);
	superd->devices = devices_new(superd->loop, running_check_devices,
	    superd);
	superd->sinks = sinks_new();
	superd->reloads_asked = reloads_new(superd);
	superd->stop = stop_new();
	superd->spawner = spawner_new(superd->loop);
	superd->started = loop_clock();
	instance_watch(superd->loop);
	if (superd->spawner == NULL || catch_signals(superd) != 0) {
		log_warn("cannot start");
		return -1;
	}
	if (resumed) {
		upgrade_guard_loop(superd->loop);
		loop_signals_only(superd->loop);
	}
	return 0;
}

static void
superd_free(struct superd *superd)
{
	struct running *running, *next;

	stop_services(superd);
	for (running = running_first(superd); running != NULL; running = next) {
		next = running_next(running);
		running->children = 0;
		running_remove(running);
	}
	upgrade_free(superd);
	dump_free(superd);
	logdump_free(superd);
	internals_free(superd->internals);
	superd->internals = NULL;
	superd->running_gone = NULL;
	superd->places_free = NULL;
	tally_free(superd->tally);
	superd->tally = NULL;
	control_free(superd->control);
	explainer_free(superd->explainer);
	saver_free(superd->saver);
	reloads_free(superd->reloads_asked);
	stop_free(superd);
	rpc_free(superd->rpc);
	fd_store_free(superd->fd_store);
	superd->fd_store = NULL;
	devices_free(superd->devices);
	spawner_free(superd->spawner);
	command_unref(superd->internal_command);
	datagrams_free(superd->datagrams);
	sources_free(superd->sources);
	denied_file_free(superd->denied_file);
	denylist_free(superd->denylist);
	sensors_free(superd->sensors);
	refusers_free(superd->refusers);
	lately_free(superd->lately);
	superd->lately = NULL;
	lingering_free(superd->lingering);
	inquiries_free(superd->inquiries);
	children_free(superd->children);
	waiters_free(superd);
	/* what stays from here on is nobody's rival */
	instance_unlock();
	stderr_hand_over(superd);
	log_divert(NULL, NULL);
	sinks_free(superd->sinks);
	superd->conf = generation_none();
	generations_free(&superd->generations);
	loop_free(superd->loop);
}

/* The file is locked before anything is bound. */
static int
open_pid_file(const struct superd *superd, const struct conf *conf)
{
	const struct options *options = superd->options;
	const char *path = options->pid_file;

	if (path == NULL)
		path = conf->globals.pid_file;
	if (path == NULL && !options->foreground)
		path = options->default_pid_file;
	if (path != NULL && strcmp(path, "none") == 0)
		path = NULL;
	return pid_file_open(path);
}

/* The first load: the loop runs meanwhile, for signals. */
struct first_load {
	struct superd *superd;
	struct reload_request request;
	bool locked_out; /* there is no pid file for us, as was said */
	bool applied;
};

static int
first_prepare(void *arg, const struct conf *conf)
{
	struct first_load *first = arg;

	first->locked_out = open_pid_file(first->superd, conf) != 0;
	if (first->superd->resumed)
		resume_prepare(first->superd, conf);
	return first->locked_out ? -1 : 0;
}

static void
first_done(void *arg, const struct reload_result *result)
{
	struct first_load *first = arg;

	first->applied = result->applied;
	if (first->superd->stopping)
		return;
	reload_log_reports(first->superd, result);
	loop_stop(first->superd->loop);
}

static int
first_load(struct superd *superd)
{
	struct first_load first = { .superd = superd };
	struct running_count count;

	first.request.manner.prepare = first_prepare;
	if (superd->resumed)
		first.request.manner.restore = resume_restore;
	first.request.done = first_done;
	first.request.manner.arg = first.request.arg = &first;
	reload_ask(superd, &first.request);
	if (loop_run(superd->loop) != 0 || superd->stopping || first.locked_out)
		return -1;
	if (!first.applied) {
		event_not_started("the configuration cannot be used");
		return -1;
	}
	if (superd->options->require_services &&
	    running_first(superd) == NULL) {
		event_not_started("no services");
		return -1;
	}
	running_count(superd, &count);
	if (count.sockets > 0 && count.bound == 0) {
		event_not_started("no socket could be bound");
		return -1;
	}
	return 0;
}

static void
announce(struct superd *superd)
{
	char text[80];

	if (!superd->resumed)
		world_tell(superd);
	if (superd->options->foreground && !superd->resumed)
		event_ready(superd_summary(superd, text, sizeof(text)));
	notify_send("READY=1\nMAINPID=%d\nSTATUS=%s", (int)getpid(),
	    superd_summary(superd, text, sizeof(text)));
	notify_start_watchdog(superd->loop);
}

static void
rpc_tried(void *arg)
{
	struct superd *superd = arg;

	/* a stop in this time ends the loop itself */
	if (!superd->stopping)
		loop_stop(superd->loop);
}

/* Who finds superd ready finds its RPC services in rpcbind, if there is one.
 * The clients of all services are served meanwhile. */
static int
register_first(struct superd *superd)
{
	if (!rpc_try_first(superd->rpc, rpc_tried, superd))
		return 0;
	return loop_run(superd->loop);
}

/* They are not where everybody looks for them. */
static void
tell_paths(const struct superd *superd)
{
	const struct options *options = superd->options;

	if (options->default_control == options->control_buf)
		event_own_paths(pid_file_path(), control_path(superd->control));
}

static int
start(struct superd *superd)
{
	const struct options *options = superd->options;
	char text[80];

	if (first_load(superd) != 0 || register_first(superd) != 0)
		return -1;
	if (superd->stopping)
		return 0;
	if (pid_file_write() != 0)
		return -1;
	superd->ready = true;
	if (superd->resumed)
		resume_control(superd);
	else
		control_open(superd);
	if (!superd->resumed)
		tell_paths(superd);
	if (!options->foreground)
		log_open(LOG_ON_SYSLOG, options->name, options->debug);
	daemon_log_define(superd);
	if (!options->foreground && !superd->resumed)
		event_in_background(superd_summary(superd, text, sizeof(text)));
	announce(superd);
	daemon_started(0);
	reloads_ready(superd);
	if (superd->resumed) {
		on_child(superd); /* who has ended meanwhile */
		resume_done(superd);
	}
	return 0;
}

static int
run(const struct options *options, bool resumed)
{
	struct superd superd;
	int status = 1;

	log_open(resumed && !options->foreground ?
		LOG_ON_SYSLOG :
		LOG_ON_STDERR,
	    options->name, options->debug);
	log_form(options->log_format);
	if (!resumed && !options->foreground && daemon_detach() != 0)
		log_fatal("cannot detach: %s", strerror(errno));
	daemon_leave_directory();
	if (instance_lock(options) != 0) {
		daemon_started(status);
		return status;
	}
	if (superd_init(&superd, options, resumed) == 0 &&
	    (start(&superd) == 0 || superd.stopping)) {
		status = 0;
		if (!superd.stopping && loop_run(superd.loop) != 0) {
			log_warn("the loop failed");
			status = 1;
		}
	}
	if (status != 0 && !superd.stopping)
		upgrade_fall_back("it cannot start");
	upgrade_unguard();
	rpc_withdraw(superd.rpc);
	superd_free(&superd);
	pid_file_remove();
	/* whoever stops it before it is ready has not started it */
	daemon_started(superd.ready ? status : 1);
	log_close();
	return status;
}

/* The daemon's directory is /: paths of the command line are made whole.
 * The caller frees what is in owned. */
enum { PATHS = 5 };

static void
make_paths_absolute(struct options *options, char *owned[PATHS])
{
	const char **const paths[PATHS] = { &options->file, &options->directory,
		&options->pid_file, &options->control, &options->log_path };

	for (size_t i = 0; i < PATHS; i++) {
		if (*paths[i] == NULL || strcmp(*paths[i], "none") == 0 ||
		    (options->given != NULL &&
			*paths[i] == options->given->name))
			continue;
		owned[i] = absolute_path(*paths[i]);
		*paths[i] = owned[i];
	}
}

static int
run_from_anywhere(struct options *options, bool resumed)
{
	char *owned[PATHS] = { NULL };
	int status;

	make_paths_absolute(options, owned);
	status = run(options, resumed);
	for (size_t i = 0; i < PATHS; i++)
		free(owned[i]);
	return status;
}

int
main(int argc, char *argv[], char *environment[])
{
	struct options options;
	enum resume resume;

	upgrade_remember(argc, argv);
	resume = resume_begin();
	if (resume != RESUME_STATE)
		daemon_clean_start(oneliner_ready_fd(argc, argv));
	variables_started_with(environment);
	notify_init();
	setproctitle_init(argc, argv, environment);
	if (options_parse(&options, argc, argv) != 0)
		return EXIT_USAGE;
	if (resume == RESUME_CHECK)
		options.action = ACTION_CHECK;
	switch (options.action) {
	case ACTION_HELP:
		if (options.one_line)
			oneliner_usage();
		else
			options_usage(&options);
		return 0;
	case ACTION_VERSION:
		options_version();
		return 0;
	case ACTION_STATE_VERSION:
		printf("superd state %d\n", UPGRADE_STATE);
		return 0;
	case ACTION_IMPORT:
		return import_systemd(options.file, stdout);
	case ACTION_CHECK:
	case ACTION_PRINT:
	case ACTION_EXPORT:
	case ACTION_RUN:
		break;
	}
	if (!options.one_line && given_take(&options) != 0)
		return 1;
	options_complete(&options);
	return options.action == ACTION_RUN ?
	    run_from_anywhere(&options, resume == RESUME_STATE) :
	    check_run(&options);
}
