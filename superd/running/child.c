/* The start of a child, and what its end releases. */
#include "superd/running/child.h"

#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "superd/base/settings.h"
#include "superd/running/asker.h"
#include "superd/running/event_xinetd.h"
#include "superd/running/refusal.h"
#include "superd/running/running.h"
#include "superd/running/service_log.h"
#include "superd/running/share.h"
#include "superd/running/stderr_pipe.h"
#include "superd/spawn/process.h"
#include "superd/spawn/spawn.h"

/* superd ends. */

/* Whoever is at the other end shall know that nobody answers any more: a
 * process that reads on for us would have them open. */
static void
close_ours(struct child *child)
{
	if (child->handed >= 0)
		close(child->handed);
	asker_forget(child->asker);
}

static void
release(struct child *child)
{
	process_forget(&child->process);
	errout_forget(child);
	close_ours(child);
	free(child);
}

void
children_free(struct children *children)
{
	if (children != NULL)
		children_release(children, release);
}

/* Counting. */

static void
count_in(struct child *child, struct live *live)
{
	child->live = live;
	live->children++;
	live->counters.started++;
	share_take(child);
}

static void
count_out(struct child *child)
{
	child->live->children--;
	share_give_back(child, ALL_PLACES);
}

struct child *
child_add(struct live *live, pid_t pid, const struct addr *peer)
{
	struct children *children = live->superd->children;
	struct child *child = children_record(children);

	child->pid = pid;
	child->handed = -1;
	child->started = loop_clock();
	child->started_at = time(NULL);
	if (peer != NULL)
		child->peer = *peer;
	count_in(child, live);
	children_add(children, child);
	return child;
}

/* The start of a child. */

void
live_log_start(const struct live *live, pid_t pid, const struct addr *peer)
{
	char text[ADDR_TEXT] = "-";
	unsigned most = live->service->limits.instances;

	xlog_start(live, pid, peer);
	if (!live->superd->options->log_connections)
		return;
	if (peer != NULL)
		addr_print(peer, text, sizeof(text));
	if (most != LIMIT_NONE)
		log_service(live, LOG_INFO,
		    "start %s pid=%d peer=%s children=%u/%u", live->id,
		    (int)pid, text, live->children, most);
	else
		log_service(live, LOG_INFO,
		    "start %s pid=%d peer=%s children=%u", live->id, (int)pid,
		    text, live->children);
}

struct child *
live_counted(struct live *live, pid_t pid, const struct addr *peer)
{
	struct child *child = child_add(live, pid, peer);
	struct superd *superd = live->superd;

	superd->shortage_said = false;
	bucket_take(&live->starts, &live->service->limits.rate,
	    loop_now(superd->loop));
	return child;
}

struct child *
live_started(struct live *live, pid_t pid, const struct addr *peer)
{
	struct child *child = live_counted(live, pid, peer);

	live_log_start(live, pid, peer);
	return child;
}

/* The end of a child. */

static void
log_exit(const struct child *child, int status)
{
	double seconds = (double)(loop_clock() - child->started) / 1e6;
	const char *what = "status";
	int value = WEXITSTATUS(status);

	char traffic[64] = "";

	xlog_exit(child, status);
	if (!child->live->superd->options->log_connections)
		return;
	if (child->traffic_known)
		snprintf(traffic, sizeof(traffic), " in=%llu out=%llu",
		    (unsigned long long)child->in,
		    (unsigned long long)child->out);
	if (WIFSIGNALED(status)) {
		what = "signal";
		value = WTERMSIG(status);
	}
	log_service(child->live, LOG_INFO,
	    "exit %s pid=%d %s=%d duration=%.3f%s", child->live->id,
	    (int)child->pid, what, value, seconds, traffic);
}

void
child_move(struct child *child, struct live *live)
{
	struct live *before = child->live;

	log_exit(child, 0);
	count_out(child);
	count_in(child, live);
	live_child_gone(before);
}

void
child_became(struct child *child, pid_t pid)
{
	struct children *children = child->live->superd->children;

	children_remove(children, child);
	child->pid = pid;
	child->started = loop_clock();
	child->started_at = time(NULL);
	children_add(children, child);
}

void
child_connect(struct child *child, struct worker_process *worker, pid_t pid,
    uint32_t connection)
{
	struct children *children = child->live->superd->children;

	share_give_back(child, 1u << PLACE_PROCESS);
	children_remove(children, child);
	child->pid = pid;
	child->worker = worker;
	child->connection = connection;
	children_add(children, child);
}

void
child_drop(struct child *child)
{
	struct live *live = child->live;
	struct superd *superd = live->superd;

	children_remove(superd->children, child);
	process_forget(&child->process);
	errout_forget(child);
	/* before it is counted out, which may be the end of its live */
	if (child->listener != NULL)
		child->gave_back(child->listener, child);
	count_out(child);
	free(child);
	live_child_gone(live);
}

void
child_end(struct child *child, int status)
{
	child->live->last_exit = (struct last_exit){ status, child->pid,
		loop_clock() };
	errout_child_ended(child);
	log_exit(child, status);
	child_drop(child);
}

static void
process_over(void *arg, int status)
{
	child_end(arg, status);
}

void
child_reported(void *arg, const struct spawn_report *report)
{
	const struct child *child = arg;

	live_failed(child->live, child->pid, spawn_step_name(report->step),
	    report->error);
}

void
child_runs(struct child *child)
{
	child->process.ended = process_over;
	child->process.report = child_reported;
	child->process.arg = child;
	process_started(&child->process, child->pid);
}
