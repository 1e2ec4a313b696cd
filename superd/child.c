/* The child table, and what the end of a child releases. */
#include "superd/child.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/asker.h"
#include "superd/errout.h"
#include "superd/live.h"
#include "superd/process.h"
#include "superd/refusal.h"
#include "superd/servicelog.h"
#include "superd/share.h"
#include "superd/spawn.h"
#include "superd/workers.h"
#include "superd/xlog.h"

struct children {
	struct child **table;
	size_t room;		/* power of two */
	size_t count;
	struct child *spare;	/* for the next one, or NULL */
};

enum { ROOM_FIRST = 64 };

struct children *
children_new(void)
{
	struct children *children = xcalloc(1, sizeof(*children));

	children->room = ROOM_FIRST;
	children->table = xcalloc(children->room, sizeof(struct child *));
	return children;
}

/* Whoever is at the other end shall know that nobody answers any more: a
 * process that reads on for us would have them open. */
static void
close_ours(struct child *child)
{
	if (child->handed >= 0)
		close(child->handed);
	asker_forget(child->asker);
}

void
children_free(struct children *children)
{
	struct child *child, *next;

	if (children == NULL)
		return;
	for (size_t i = 0; i < children->room; i++)
		for (child = children->table[i]; child != NULL;
		    child = next) {
			next = child->chain;
			process_forget(&child->process);
			errout_forget(child);
			close_ours(child);
			free(child);
		}
	free(children->spare);
	free(children->table);
	free(children);
}

static struct child **
slot_of(const struct children *children, size_t key)
{
	return &children->table[key & (children->room - 1)];
}

static size_t
key_of(const struct child *child)
{
	return child->worker != NULL ? child->connection :
	    (size_t)child->pid;
}

size_t
children_count(const struct children *children)
{
	return children->count;
}

struct child *
children_find(const struct children *children, pid_t pid)
{
	struct child *child = *slot_of(children, (size_t)pid);

	while (child != NULL && (child->worker != NULL || child->pid != pid))
		child = child->chain;
	return child;
}

struct child *
children_connection(const struct children *children, uint32_t connection)
{
	struct child *child = *slot_of(children, connection);

	while (child != NULL && child->connection != connection)
		child = child->chain;
	return child;
}

void
children_each(const struct children *children,
    void (*fn)(void *, const struct child *), void *arg)
{
	for (size_t i = 0; i < children->room; i++)
		for (struct child *child = children->table[i]; child != NULL;
		    child = child->chain)
			fn(arg, child);
}

static void
chain_in(struct children *children, struct child *child)
{
	struct child **slot = slot_of(children, key_of(child));

	child->chain = *slot;
	*slot = child;
}

/* Without memory the chains get longer, that is all. */
static void
grow(struct children *children)
{
	struct child **old = children->table, *child, *next;
	struct child **table = calloc(children->room * 2, sizeof(*table));
	size_t room = children->room;

	if (table == NULL)
		return;
	children->room *= 2;
	children->table = table;
	for (size_t i = 0; i < room; i++)
		for (child = old[i]; child != NULL; child = next) {
			next = child->chain;
			chain_in(children, child);
		}
	free(old);
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

bool
children_prepare(struct children *children)
{
	if (children->spare == NULL)
		children->spare = calloc(1, sizeof(*children->spare));
	return children->spare != NULL;
}

struct child *
child_add(struct live *live, pid_t pid, const struct addr *peer)
{
	struct children *children = live->superd->children;
	struct child *child;

	if (!children_prepare(children))
		abort();
	child = children->spare;
	children->spare = NULL;
	child->pid = pid;
	child->handed = -1;
	child->started = loop_clock();
	child->started_at = time(NULL);
	if (peer != NULL)
		child->peer = *peer;
	count_in(child, live);
	if (children->count >= children->room * 2)
		grow(children);
	chain_in(children, child);
	children->count++;
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
		log_service(live, LOG_INFO, "start %s pid=%d peer=%s "
		    "children=%u/%u", live->id, (int)pid, text,
		    live->children, most);
	else
		log_service(live, LOG_INFO, "start %s pid=%d peer=%s "
		    "children=%u", live->id, (int)pid, text, live->children);
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
	log_service(child->live, LOG_INFO, "exit %s pid=%d %s=%d "
	    "duration=%.3f%s", child->live->id, (int)child->pid, what, value,
	    seconds, traffic);
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

static void
child_remove(struct children *children, struct child *child)
{
	struct child **at = slot_of(children, key_of(child));

	while (*at != child)
		at = &(*at)->chain;
	*at = child->chain;
	children->count--;
	if (child->worker == NULL)
		return;
	TAILQ_REMOVE(&child->worker->connections, child, mates);
	child->worker->count--;
}

void
child_became(struct child *child, pid_t pid)
{
	struct children *children = child->live->superd->children;

	child_remove(children, child);
	child->pid = pid;
	child->started = loop_clock();
	child->started_at = time(NULL);
	chain_in(children, child);
	children->count++;
}

void
child_connect(struct child *child, struct worker_process *worker,
    uint32_t connection)
{
	struct children *children = child->live->superd->children;

	share_give_back(child, 1u << PLACE_PROCESS);
	child_remove(children, child);
	child->pid = worker->pid;
	child->worker = worker;
	child->connection = connection;
	TAILQ_INSERT_TAIL(&worker->connections, child, mates);
	worker->count++;
	chain_in(children, child);
	children->count++;
}

void
child_drop(struct child *child)
{
	struct live *live = child->live;
	struct superd *superd = live->superd;

	child_remove(superd->children, child);
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

struct signalling {
	int signo;
};

static void
signal_one(void *arg, const struct child *child)
{
	const struct signalling *signalling = arg;

	if (child->worker == NULL)
		kill(child->pid, signalling->signo);
}

void
children_signal(const struct children *children, int signo)
{
	struct signalling signalling = { signo };

	children_each(children, signal_one, &signalling);
}
