/*
 * The daemon's end of the channels.  Nothing here waits for a worker: what a
 * channel has no room for is kept, and the service's listeners are not
 * watched until it was sent.
 */
#include "superd/serve/workers.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "services/services.h"
#include "services/stream.h"
#include "services/worker.h"
#include "superd/base/backoff.h"
#include "superd/base/confine.h"
#include "superd/base/descriptors.h"
#include "superd/base/pulse.h"
#include "superd/log/log.h"
#include "superd/policy/waiters.h"
#include "superd/running/blocked.h"
#include "superd/running/child.h"
#include "superd/running/event.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/running_tree.h"
#include "superd/serve/redirect.h"
#include "superd/spawn/process.h"
#include "superd/spawn/spawn.h"

/* Messages in a round, and the most that a dead worker may have left in its
 * channel.  CHANNEL, in octets, is room for some thirty messages, and so for
 * some 500 connections: what a worker that does not read keeps from other
 * services. */
enum {
	SECOND = 1000000,
	MESSAGES = 64,
	REPORTS = 64,
	LEFT = 4096,
	CHANNEL = 12 * 1024,
	PATIENCE = 3 /* seconds */
};

/* A worker without connections ends after IDLE; one that died SOON after its
 * start has a fault perhaps, and the next one waits. */
static const int64_t IDLE = 60 * (int64_t)SECOND, SOON = 10 * SECOND;
static const int64_t PAUSE_FIRST = SECOND / 10, PAUSE_MOST = 2 * SECOND;
static const int64_t AGAIN = SECOND / 10;

/* Who does one kind of work: one process at a time. */
struct crew {
	TAILQ_ENTRY(crew) entry;
	struct superd *superd;
	struct stream_plan plan;       /* handler NULL: a redirected service */
	unsigned services;	       /* whose connections it serves */
	struct worker_process *worker; /* or NULL */
	unsigned deaths;	       /* soon after the start, in a row */
	struct loop_timer pause;       /* until the next start */
};

struct workers {
	TAILQ_HEAD(processes, worker_process) list;
	TAILQ_HEAD(crews, crew) crews;
	struct worker_process *open; /* whose message is being filled */
	uint32_t last_id;
	int64_t idle;	   /* microseconds */
	unsigned patience; /* seconds */
};

struct workers *
workers_new(void)
{
	struct workers *workers = xcalloc(1, sizeof(*workers));
	/* for tests, which do not want to wait so long */
	const char *idle = getenv("SUPERD_WORKER_IDLE");
	const char *patience = getenv("SUPERD_WORKER_PATIENCE");

	TAILQ_INIT(&workers->list);
	TAILQ_INIT(&workers->crews);
	workers->patience = patience == NULL ?
	    PATIENCE :
	    (unsigned)atoi(patience);
	workers->idle = idle == NULL ? IDLE : atoi(idle) * (int64_t)SECOND;
	return workers;
}

const struct worker_process *
workers_first(const struct workers *workers)
{
	return TAILQ_FIRST(&workers->list);
}

const struct worker_process *
workers_next(const struct worker_process *worker)
{
	return TAILQ_NEXT(worker, entry);
}

void
workers_signal(const struct workers *workers, int signo)
{
	const struct worker_process *worker;

	TAILQ_FOREACH (worker, &workers->list, entry)
		kill(worker->pid, signo);
}

/* Crews. */

/* Listeners of all services that a crew serves. */
static void
crew_unblock(struct crew *crew)
{
	struct running *running;

	for (running = running_first(crew->superd); running != NULL;
	     running = running_next(running))
		if (running->crew == crew)
			running_unblock(running, BLOCK_WORKER);
}

static void
pause_over(void *arg)
{
	crew_unblock(arg);
}

static struct crew *
crew_new(struct superd *superd, const struct stream_plan *plan)
{
	struct crew *crew = calloc(1, sizeof(*crew));

	if (crew == NULL)
		return NULL;
	crew->superd = superd;
	crew->plan = *plan;
	crew->pause.fn = pause_over;
	crew->pause.arg = crew;
	TAILQ_INSERT_TAIL(&superd->workers->crews, crew, entry);
	return crew;
}

/* NULL: no memory. */
static struct crew *
crew_of(struct running *running)
{
	const struct stream_plan plan = { running->handler,
		running->service->limits.internal_idle };
	struct crew *crew;

	if (running->crew != NULL)
		return running->crew;
	if (running->handler != NULL)
		TAILQ_FOREACH (crew, &running->superd->workers->crews, entry)
			if (crew->plan.handler == plan.handler &&
			    crew->plan.idle == plan.idle)
				running->crew = crew;
	if (running->crew == NULL)
		running->crew = crew_new(running->superd, &plan);
	if (running->crew != NULL)
		running->crew->services++;
	return running->crew;
}

static void
crew_free(struct crew *crew)
{
	struct worker_process *worker;

	TAILQ_FOREACH (worker, &crew->superd->workers->list, entry)
		if (worker->crew == crew)
			worker->crew = NULL;
	loop_timer_stop(crew->superd->loop, &crew->pause);
	TAILQ_REMOVE(&crew->superd->workers->crews, crew, entry);
	free(crew);
}

/* A crew that starts again and again is given time. */
static void
crew_pause(struct crew *crew)
{
	struct running *running;

	if (++crew->deaths < 2)
		return;
	for (running = running_first(crew->superd); running != NULL;
	     running = running_next(running))
		if (running->crew == crew)
			running_block(running, BLOCK_WORKER);
	loop_timer_set(crew->superd->loop, &crew->pause,
	    backoff(crew->deaths, PAUSE_FIRST, PAUSE_MOST));
}

/* The channel. */

static void
close_channel(struct worker_process *worker)
{
	if (worker->channel < 0)
		return;
	loop_timer_stop(worker->superd->loop, &worker->idle);
	loop_timer_stop(worker->superd->loop, &worker->again);
	pulse_close(&worker->pulse);
	loop_unwatch(worker->superd->loop, worker->channel);
	close(worker->channel);
	worker->channel = -1;
	if (worker->crew == NULL)
		return;
	worker->crew->worker = NULL;
	/* who waited for room here will find it with the next worker */
	if (worker->full)
		crew_unblock(worker->crew);
}

/* It ends when it finds its channel closed. */
static void
dismiss(void *arg)
{
	struct worker_process *worker = arg;

	worker->dismissed = true;
	close_channel(worker);
}

static void
rest(struct worker_process *worker)
{
	if (worker->count > 0 || worker->channel < 0)
		return;
	pulse_rest(&worker->pulse);
	if (worker->crew == NULL)
		dismiss(worker);
	else
		loop_timer_set(worker->superd->loop, &worker->idle,
		    worker->superd->workers->idle);
}

/* Its connections. */

static void
join(struct worker_process *worker, struct child *child, uint32_t connection)
{
	child_connect(child, worker, worker->pid, connection);
	TAILQ_INSERT_TAIL(&worker->connections, child, mates);
	worker->count++;
}

static void
part(struct child *child)
{
	TAILQ_REMOVE(&child->worker->connections, child, mates);
	child->worker->count--;
}

/* Sending. */

static void
unqueue(struct worker_process *worker, struct child *child)
{
	TAILQ_REMOVE(&worker->waiting, child, queue);
	worker->nwaiting--;
	child->handed = -1;
}

static void
enqueue(struct worker_process *worker, struct child *child, int fd)
{
	child->handed = fd;
	TAILQ_INSERT_TAIL(&worker->waiting, child, queue);
	worker->nwaiting++;
}

static int
send_descriptors(int channel, uint32_t *ids, const int *fds, size_t count)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(WORKER_BATCH * sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { ids, count * sizeof(*ids) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(*fds)) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(count * sizeof(*fds));
	memcpy(CMSG_DATA(cmsg), fds, count * sizeof(*fds));
	return sendmsg(channel, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int
send_message(struct worker_process *worker)
{
	uint32_t ids[WORKER_BATCH];
	int fds[WORKER_BATCH];
	struct child *child;
	size_t count = 0;

	TAILQ_FOREACH (child, &worker->waiting, queue) {
		if (count == WORKER_BATCH)
			break;
		ids[count] = child->connection;
		fds[count++] = child->handed;
	}
	if (send_descriptors(worker->channel, ids, fds, count) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		unqueue(worker, TAILQ_FIRST(&worker->waiting));
		close(fds[i]);
	}
	return 0;
}

static int
send_waiting(struct worker_process *worker)
{
	while (!TAILQ_EMPTY(&worker->waiting))
		if (send_message(worker) != 0)
			return -1;
	return 0;
}

static void wait_for_room(struct worker_process *, int);

static void
room_again(void *arg)
{
	struct worker_process *worker = arg;

	loop_unwatch_write(worker->superd->loop, worker->channel);
	if (send_waiting(worker) != 0) {
		wait_for_room(worker, errno);
		return;
	}
	worker->full = false;
	if (worker->crew != NULL)
		crew_unblock(worker->crew);
}

/* Room in the channel is told; that the kernel has memory again, or that
 * fewer descriptors are under way (unix(7), ETOOMANYREFS), is not. */
static void
wait_for_room(struct worker_process *worker, int error)
{
	struct loop *loop = worker->superd->loop;

	worker->full = true;
	if (error != EAGAIN ||
	    loop_watch_write(loop, worker->channel, room_again, worker) != 0)
		loop_timer_set(loop, &worker->again, AGAIN);
}

/* The low descriptors are for what is started meanwhile. */
static void
keep_waiting(struct worker_process *worker, int error)
{
	struct child *child;

	TAILQ_FOREACH (child, &worker->waiting, queue) {
		child->handed = fd_high(child->handed);
		running_block(child->running, BLOCK_WORKER);
	}
	wait_for_room(worker, error);
}

/* What a worker says of one of its own connections. */
static void
connection_over(struct worker_process *worker, const struct worker_ended *ended)
{
	struct child *child = children_connection(worker->superd->children,
	    ended->id);

	if (child == NULL || child->worker != worker || child->handed >= 0)
		return;
	child->traffic_known = true;
	child->in = ended->in;
	child->out = ended->out;
	if (ended->error != 0)
		running_connection_failed(child, ended->error);
	part(child);
	child_end(child, ended->error != 0 ? W_EXITCODE(1, 0) : 0);
}

/* -1: nothing, or nothing more will come. */
static ssize_t
read_reports(struct worker_process *worker)
{
	struct worker_ended ended[REPORTS];
	ssize_t n;

	/* ECONNRESET: it died before it read all, and told something before
	 * that */
	do
		n = recv(worker->channel, ended, sizeof(ended), MSG_DONTWAIT);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n > 0)
		pulse_heard(&worker->pulse);
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(*ended); i++)
		connection_over(worker, &ended[i]);
	return n;
}

static void
reports_ready(void *arg)
{
	struct worker_process *worker = arg;
	struct superd *superd = worker->superd;
	ssize_t n = 1;

	for (int i = 0; i < MESSAGES && n > 0; i++)
		n = read_reports(worker);
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		/* it has ended; or what it still serves would be counted for
		 * as long as it likes */
		if (worker->channel >= 0)
			kill(worker->pid, SIGKILL);
		close_channel(worker);
	}
	rest(worker);
	waiters_release(superd);
}

/* Starting. */

static void
run_handler(const void *arg)
{
	confine_alone();
	streams_run(arg, STDIN_FILENO, SPAWN_BESIDE);
}

/* It may have to ask for the addresses of a host. */
static void
run_redirect(const void *arg)
{
	redirect_run(arg, STDIN_FILENO, SPAWN_BESIDE);
}

static void worker_hung(void *);
static void worker_ended(void *, int status);
static void worker_failed(void *, const struct spawn_report *);

/* Of one that has no process, and no channel of its own. */
static void
worker_free(struct worker_process *worker)
{
	pulse_close(&worker->pulse);
	free(worker->title);
	free(worker);
}

/* Before there is a process, which could not be taken back.  NULL: no
 * memory, or no descriptor; the channel stays the caller's. */
static struct worker_process *
worker_new(const struct running *running, struct crew *crew, int channel)
{
	struct worker_process *worker = calloc(1, sizeof(*worker));

	if (worker == NULL)
		return NULL;
	worker->pulse.fd = -1;
	if (asprintf(&worker->title, "worker %s",
		running->handler != NULL ? running->handler->name :
					   running->id) < 0) {
		free(worker);
		return NULL;
	}
	worker->superd = crew->superd;
	worker->channel = channel;
	worker->started = loop_clock();
	worker->idle.fn = dismiss;
	worker->idle.arg = worker;
	worker->again.fn = room_again;
	worker->again.arg = worker;
	worker->process.ended = worker_ended;
	worker->process.report = worker_failed;
	worker->process.arg = worker;
	TAILQ_INIT(&worker->connections);
	TAILQ_INIT(&worker->waiting);
	if (pulse_open(&worker->pulse, crew->superd->loop,
		crew->superd->workers->patience, worker_hung, worker) == 0 &&
	    loop_watch(crew->superd->loop, channel, reports_ready, worker) == 0)
		return worker;
	worker_free(worker);
	return NULL;
}

static pid_t
spawn_worker(const struct running *running, const struct crew *crew,
    struct worker_process *worker, int end)
{
	struct spawn_inside inside = {
		.prepared = running->superd->internal_command,
		.fd = end,
		.beside = worker->pulse.fd,
		.run = run_redirect,
		.arg = running->service,
		.title = worker->title,
		.process = &worker->process
	};

	if (running->handler != NULL) {
		inside.run = run_handler;
		inside.arg = &crew->plan;
	}
	return spawn_inside(&inside);
}

static struct worker_process *
start_worker(struct running *running, struct crew *crew)
{
	struct superd *superd = running->superd;
	struct worker_process *worker;
	const int room = CHANNEL;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return NULL;
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	ends[0] = fd_high(ends[0]);
	worker = worker_new(running, crew, ends[0]);
	if (worker == NULL) {
		close(ends[0]);
		close(ends[1]);
		return NULL;
	}
	worker->pid = spawn_worker(running, crew, worker, ends[1]);
	close(ends[1]);
	if (worker->pid < 0) {
		loop_unwatch(superd->loop, ends[0]);
		close(ends[0]);
		worker_free(worker);
		return NULL;
	}
	log_debug("%s pid=%d", worker->title, (int)worker->pid);
	worker->crew = crew;
	crew->worker = worker;
	TAILQ_INSERT_TAIL(&superd->workers->list, worker, entry);
	return worker;
}

/* Giving. */

static uint32_t
new_id(struct superd *superd)
{
	uint32_t *last = &superd->workers->last_id;

	do
		++*last;
	while (
	    *last == 0 || children_connection(superd->children, *last) != NULL);
	return *last;
}

static struct worker_process *
worker_of(struct running *running)
{
	struct crew *crew = crew_of(running);
	struct worker_process *worker = crew != NULL ? crew->worker : NULL;

	if (worker == NULL && crew != NULL)
		worker = start_worker(running, crew);
	if (worker == NULL)
		return NULL;
	loop_timer_stop(running->superd->loop, &worker->idle);
	pulse_start(&worker->pulse);
	return worker;
}

/*
 * A worker that died a moment ago, of which no signal has told yet, is
 * replaced at once.  NULL: it cannot be.
 */
static struct worker_process *
replace(struct worker_process *dead)
{
	struct child *child = TAILQ_FIRST(&dead->waiting);
	struct crew *crew = dead->crew;
	struct worker_process *worker = NULL;

	close_channel(dead);
	if (crew != NULL && child->running->crew == crew)
		worker = worker_of(child->running);
	if (worker == NULL)
		return NULL;
	while ((child = TAILQ_FIRST(&dead->waiting)) != NULL) {
		int fd = child->handed;

		unqueue(dead, child);
		part(child);
		join(worker, child, child->connection);
		enqueue(worker, child, fd);
	}
	return worker;
}

/* Nobody can serve them now: as if they had not been counted. */
static void
put_back(struct worker_process *worker)
{
	struct superd *superd = worker->superd;
	struct child *child;

	while ((child = TAILQ_FIRST(&worker->waiting)) != NULL) {
		int fd = child->handed;

		unqueue(worker, child);
		if (child->running->removed ||
		    waiters_add(child->running, fd, &child->peer) != 0)
			close(fd);
		part(child);
		child_drop(child);
	}
	waiters_shortage(superd, "processes");
}

static bool
is_dead(int error)
{
	return error == EPIPE || error == ECONNRESET || error == EBADF;
}

void
workers_flush(struct superd *superd)
{
	struct worker_process *worker = superd->workers->open, *next;

	superd->workers->open = NULL;
	if (worker == NULL || send_waiting(worker) == 0)
		return;
	if (is_dead(errno)) {
		next = replace(worker);
		if (next != NULL && send_waiting(next) == 0)
			return;
		if (next == NULL || is_dead(errno)) {
			put_back(next != NULL ? next : worker);
			return;
		}
		worker = next;
	}
	keep_waiting(worker, errno);
}

/* What it was given is lost, and the others go to the next one. */
static void
worker_hung(void *arg)
{
	struct worker_process *worker = arg, *next = NULL;

	event_process_hung(worker->title, worker->pid, worker->pulse.patience,
	    worker->count - worker->nwaiting);
	worker->hung = true;
	kill(worker->pid, SIGKILL);
	if (!TAILQ_EMPTY(&worker->waiting)) {
		next = replace(worker);
		if (next == NULL)
			put_back(worker);
		else if (send_waiting(next) != 0)
			keep_waiting(next, errno);
	}
	close_channel(worker);
}

/* A full channel's connections wait out of the way. */
static void
queue(struct worker_process *worker, struct child *child, int fd)
{
	int copy = -1;

	if (worker->full) {
		copy = fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH);
		running_block(child->running, BLOCK_WORKER);
	} else
		worker->superd->workers->open = worker;
	enqueue(worker, child, copy < 0 ? fd : copy);
}

/* The one whose message this connection goes into. */
static struct worker_process *
worker_for_next(struct running *running)
{
	const struct worker_process *open = running->superd->workers->open;
	const struct crew *crew = crew_of(running);

	if (open != NULL &&
	    (open->nwaiting == WORKER_BATCH || crew == NULL ||
		open != crew->worker))
		workers_flush(running->superd);
	return worker_of(running);
}

struct child *
workers_give(struct running *running, int fd, const struct addr *peer)
{
	struct worker_process *worker = worker_for_next(running);
	struct child *child;

	if (worker == NULL)
		return NULL;
	child = running_started(running, worker->pid, peer);
	join(worker, child, new_id(running->superd));
	queue(worker, child, fd);
	return child;
}

int
workers_resume(struct child *child)
{
	struct running *running = child->running;
	int fd = child->handed;
	struct worker_process *worker;

	child->handed = -1;
	worker = worker_for_next(running);
	if (worker == NULL) {
		child->handed = fd;
		return -1;
	}
	join(worker, child, new_id(running->superd));
	event_started(running, worker->pid, &child->peer);
	queue(worker, child, fd);
	if (child->handed != fd)
		close(fd);
	workers_flush(running->superd);
	return 0;
}

/* The end. */

void
workers_retire(struct running *running)
{
	struct crew *crew = running->crew;
	struct worker_process *worker;

	running->crew = NULL;
	if (crew == NULL || --crew->services > 0)
		return;
	worker = crew->worker;
	crew_free(crew);
	if (worker != NULL)
		rest(worker);
}

/* Those that it will never get. */
static void
close_waiting(struct worker_process *worker)
{
	struct child *child;

	while ((child = TAILQ_FIRST(&worker->waiting)) != NULL) {
		close(child->handed);
		unqueue(worker, child);
	}
}

static void
forget(struct worker_process *worker)
{
	loop_timer_stop(worker->superd->loop, &worker->again);
	TAILQ_REMOVE(&worker->superd->workers->list, worker, entry);
	process_forget(&worker->process);
	worker_free(worker);
}

/* As it was told to. */
static bool
ended_well(const struct worker_process *worker, int status)
{
	if (worker->superd->stopping && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGTERM)
		return true;
	return worker->dismissed && status == 0;
}

static void
worker_failed(void *arg, const struct spawn_report *report)
{
	const struct worker_process *worker = arg;

	event_process_failed(worker->title, worker->pid,
	    spawn_step_name(report->step), report->error);
}

static void
worker_ended(void *arg, int status)
{
	struct worker_process *worker = arg;
	struct child *child;
	struct crew *crew;
	int most = LEFT;

	/* somebody else may have its end of the channel, and write on */
	while (worker->channel >= 0 && most-- > 0 && read_reports(worker) > 0)
		continue;
	crew = worker->crew;
	close_channel(worker);
	if (!worker->hung && !ended_well(worker, status))
		event_process_died(worker->title, worker->pid, status,
		    worker->count);
	/* the time until it was noticed has been long enough */
	if (!worker->dismissed && !worker->hung && crew != NULL) {
		if (loop_clock() - worker->started >= SOON)
			crew->deaths = 0;
		crew_pause(crew);
	}
	close_waiting(worker);
	while ((child = TAILQ_FIRST(&worker->connections)) != NULL) {
		part(child);
		child_end(child, status);
	}
	forget(worker);
}

void
workers_free(struct workers *workers)
{
	struct worker_process *worker;
	struct crew *crew;

	if (workers == NULL)
		return;
	while ((worker = TAILQ_FIRST(&workers->list)) != NULL) {
		close_channel(worker);
		forget(worker);
	}
	while ((crew = TAILQ_FIRST(&workers->crews)) != NULL)
		crew_free(crew);
	free(workers);
}
