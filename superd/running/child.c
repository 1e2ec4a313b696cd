/* The start of a child, and what its end releases. */
#include "superd/running/child.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "superd/base/descriptors.h"
#include "superd/log/log.h"
#include "superd/running/asker.h"
#include "superd/running/blocked.h"
#include "superd/running/ending.h"
#include "superd/running/event.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/running.h"
#include "superd/running/running_more.h"
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
		close_shared(child->handed);
	if (child->kind == CHILD_ASKED)
		asker_forget(child->asker);
}

/* Its process is left to itself. */
static void
let_run(struct child *child)
{
	if (child->kind != CHILD_RUNS)
		return;
	process_forget(&child->own.process);
	stderr_forget(&child->own);
}

static void
release(struct child *child)
{
	let_run(child);
	close_ours(child);
	free(child->ending); /* its loop ends, or has forgotten it */
	free(child->local);
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
count_in(struct child *child, struct running *running)
{
	child->running = running;
	running->children++;
	running->counters.started++;
	share_take(child);
}

static void
count_out(struct child *child)
{
	child->running->children--;
	share_give_back(child, ALL_PLACES);
}

struct child *
child_add(struct running *running, pid_t pid, const struct addr *peer)
{
	struct children *children = running->superd->children;
	struct child *child = children_record(children);

	child->pid = pid;
	child->handed = -1;
	child->started = loop_clock();
	child->started_at = time(NULL);
	if (peer != NULL)
		child->peer = *peer;
	count_in(child, running);
	children_add(children, child);
	return child;
}

static void
set_local(struct child *child, const struct addr *local)
{
	if (child->local == NULL)
		child->local = malloc(sizeof(*local));
	if (child->local != NULL)
		*child->local = *local;
}

void
child_accepted(struct child *child, int fd)
{
	struct addr local = { .len = sizeof(local.u) };

	if (!log_structured() || child->local != NULL ||
	    getsockname(fd, &local.u.sa, &local.len) != 0)
		return;
	addr_unmap(&local);
	set_local(child, &local);
}

void
child_told(struct child *child, const struct connection *client)
{
	child->told = client->told;
	if (client->uncounted)
		share_uncount(child);
	if (client->local.len > 0)
		set_local(child, &client->local);
}

void
child_client(const struct child *child, struct connection *client)
{
	*client = (struct connection){ .running = child->running,
		.fd = child->handed,
		.told = child->told,
		.uncounted = child->uncounted,
		.peer = child->peer };
	if (child->told && child->local != NULL)
		client->local = *child->local;
}

/* The start of a child. */

struct child *
running_counted(struct running *running, pid_t pid, const struct addr *peer)
{
	struct child *child = child_add(running, pid, peer);
	struct superd *superd = running->superd;

	waiters_well(superd);
	bucket_take(&running->starts, &running->service->limits.rate,
	    loop_now(superd->loop));
	return child;
}

struct child *
running_started(struct running *running, pid_t pid, const struct addr *peer)
{
	struct child *child = running_counted(running, pid, peer);

	event_started(running, pid, peer);
	return child;
}

/* The end of a child. */

void
child_move(struct child *child, struct running *running)
{
	struct running *before = child->running;

	event_exited(child, 0);
	count_out(child);
	count_in(child, running);
	ending_watch(child);
	running_child_gone(before);
}

void
child_became(struct child *child, pid_t pid)
{
	struct children *children = child->running->superd->children;

	children_remove(children, child);
	child->pid = pid;
	child->started = loop_clock();
	child->started_at = time(NULL);
	children_add(children, child);
}

void
child_connect(struct child *child, struct internal *internal, pid_t pid,
    uint32_t connection)
{
	struct children *children = child->running->superd->children;

	share_give_back(child, 1u << PLACE_PROCESS);
	children_remove(children, child);
	child->pid = pid;
	child->kind = CHILD_HOSTED;
	child->hosted = (struct hosted){ .internal = internal,
		.id = connection };
	children_add(children, child);
	ending_watch(child);
}

void
child_take_back(struct child *child, int fd)
{
	struct children *children = child->running->superd->children;

	ending_forget(child);
	child->ended_for = ENDED_FOR_NONE;
	children_remove(children, child);
	child->kind = CHILD_NEW;
	child->handed = fd;
	children_add(children, child);
}

void
child_drop(struct child *child)
{
	struct running *running = child->running;
	struct superd *superd = running->superd;

	children_remove(superd->children, child);
	ending_forget(child);
	let_run(child);
	/* before it is counted out, which may be the end of its service */
	if (child->listener != NULL)
		child->gave_back(child->listener, child);
	count_out(child);
	free(child->local);
	free(child);
	running_child_gone(running);
}

void
child_end(struct child *child, int status)
{
	struct running_more *more = running_more_get(child->running);
	int64_t now = loop_clock();

	if (more != NULL) {
		more->last_exit = (struct last_exit){ status, child->pid, now };
		ends_add(&more->ends, status, now - child->started);
	}
	if (child->kind == CHILD_RUNS)
		stderr_child_ended(&child->own);
	event_exited(child, status);
	child_drop(child);
}

static void
process_over(void *arg, int status)
{
	const struct child *child = arg;

	spawn_leaf_end(child->running->superd->spawner, child->own.leaf);
	child_end(arg, status);
}

void
child_reported(void *arg, const struct spawn_report *report)
{
	const struct child *child = arg;

	running_failed(child->running, child->pid,
	    spawn_step_name(report->step), report->error);
}

void
child_runs(struct child *child)
{
	child->kind = CHILD_RUNS;
	child->own = (struct child_process){
		.process = { .ended = process_over,
		    .report = child_reported,
		    .arg = child }
	};
	process_started(&child->own.process, child->pid);
	ending_watch(child);
}
