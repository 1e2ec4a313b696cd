/*
 * The daemon's end of the channels.  Nothing here waits for a worker: what a
 * channel has no room for is kept, and the service's listeners are not
 * watched until it was sent.
 */
#include "superd/workers.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "services/stream.h"
#include "services/worker.h"
#include "superd/fds.h"
#include "superd/hold.h"
#include "superd/listen.h"
#include "superd/live.h"
#include "superd/log.h"
#include "superd/redirect.h"
#include "superd/spawn.h"

/* Messages in a round, and the most that a dead worker may have left in its
 * channel. */
enum { SECOND = 1000000, MESSAGES = 64, REPORTS = 64, LEFT = 4096 };

/* A worker without connections ends after IDLE; one that died SOON after its
 * start has a fault perhaps, and the next one waits. */
static const int64_t IDLE = 60 * (int64_t)SECOND, SOON = 10 * SECOND;
static const int64_t PAUSE_FIRST = SECOND / 10, PAUSE_MOST = 5 * SECOND;

/* A connection on its way to its worker. */
struct parcel {
	TAILQ_ENTRY(parcel) entry;
	uint32_t id;
	int fd;
};

/* Who does one kind of work: one process at a time. */
struct crew {
	TAILQ_ENTRY(crew) entry;
	struct superd *superd;
	const struct handler *handler;	/* NULL: of a redirected service */
	struct worker_process *worker;	/* or NULL */
	unsigned deaths;		/* soon after the start, in a row */
	struct loop_timer pause;	/* until the next start */
};

struct workers {
	TAILQ_HEAD(processes, worker_process) list;
	TAILQ_HEAD(crews, crew) crews;
	uint32_t last_id;
	int64_t idle;			/* microseconds */
};

struct workers *
workers_new(void)
{
	struct workers *workers = xcalloc(1, sizeof(*workers));
	/* for tests, which do not want to wait so long */
	const char *idle = getenv("SUPERD_WORKER_IDLE");

	TAILQ_INIT(&workers->list);
	TAILQ_INIT(&workers->crews);
	workers->idle = idle == NULL ? IDLE : atoi(idle) * (int64_t)SECOND;
	return workers;
}

bool
workers_serve(const struct live *live)
{
	if (live->handler != NULL)
		return live->handler->step != NULL &&
		    live->service->socktype == SOCK_STREAM;
	return live->service->redirect.host != NULL;
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

	TAILQ_FOREACH(worker, &workers->list, entry)
		kill(worker->pid, signo);
}

/* Crews. */

/* Listeners of all services that a crew serves. */
static void
crew_unblock(struct crew *crew)
{
	struct live *live;

	for (live = live_first(crew->superd); live != NULL;
	    live = live_next(live))
		if (live->crew == crew)
			live_unblock(live, BLOCK_WORKER);
}

static void
pause_over(void *arg)
{
	crew_unblock(arg);
}

static struct crew *
crew_new(struct superd *superd, const struct handler *handler)
{
	struct crew *crew = xcalloc(1, sizeof(*crew));

	crew->superd = superd;
	crew->handler = handler;
	crew->pause.fn = pause_over;
	crew->pause.arg = crew;
	TAILQ_INSERT_TAIL(&superd->workers->crews, crew, entry);
	return crew;
}

static struct crew *
crew_of(struct live *live)
{
	struct crew *crew;

	if (live->crew == NULL && live->handler != NULL)
		TAILQ_FOREACH(crew, &live->superd->workers->crews, entry)
			if (crew->handler == live->handler)
				live->crew = crew;
	if (live->crew == NULL)
		live->crew = crew_new(live->superd, live->handler);
	return live->crew;
}

static void
crew_free(struct crew *crew)
{
	struct worker_process *worker;

	TAILQ_FOREACH(worker, &crew->superd->workers->list, entry)
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
	int64_t delay = PAUSE_MOST;
	struct live *live;

	if (++crew->deaths < 2)
		return;
	if (crew->deaths < 10)
		delay = PAUSE_FIRST << crew->deaths;
	if (delay > PAUSE_MOST)
		delay = PAUSE_MOST;
	for (live = live_first(crew->superd); live != NULL;
	    live = live_next(live))
		if (live->crew == crew)
			live_block(live, BLOCK_WORKER);
	loop_timer_set(crew->superd->loop, &crew->pause, delay);
}

/* The channel. */

static void
close_channel(struct worker_process *worker)
{
	if (worker->channel < 0)
		return;
	loop_timer_stop(worker->superd->loop, &worker->idle);
	loop_unwatch(worker->superd->loop, worker->channel);
	close(worker->channel);
	worker->channel = -1;
	if (worker->crew == NULL)
		return;
	worker->crew->worker = NULL;
	/* who waited for room here will find it with the next worker */
	if (!TAILQ_EMPTY(&worker->waiting))
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
	if (worker->crew == NULL)
		dismiss(worker);
	else
		loop_timer_set(worker->superd->loop, &worker->idle,
		    worker->superd->workers->idle);
}

static int
send_parcel(const struct worker_process *worker, uint32_t id, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { &id, sizeof(id) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(worker->channel, &msg, MSG_DONTWAIT |
	    MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static void
parcel_free(struct worker_process *worker, struct parcel *parcel)
{
	TAILQ_REMOVE(&worker->waiting, parcel, entry);
	close(parcel->fd);
	free(parcel);
}

static void
send_waiting(void *arg)
{
	struct worker_process *worker = arg;
	struct parcel *parcel;

	while ((parcel = TAILQ_FIRST(&worker->waiting)) != NULL) {
		if (send_parcel(worker, parcel->id, parcel->fd) != 0)
			return;
		parcel_free(worker, parcel);
	}
	loop_unwatch_write(worker->superd->loop, worker->channel);
	if (worker->crew != NULL)
		crew_unblock(worker->crew);
}

static int
keep_parcel(struct worker_process *worker, uint32_t id, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH);
	struct parcel *parcel;

	if (copy < 0)
		return -1;
	if (TAILQ_EMPTY(&worker->waiting) &&
	    loop_watch_write(worker->superd->loop, worker->channel,
	    send_waiting, worker) != 0) {
		close(copy);
		return -1;
	}
	parcel = xcalloc(1, sizeof(*parcel));
	parcel->id = id;
	parcel->fd = copy;
	TAILQ_INSERT_TAIL(&worker->waiting, parcel, entry);
	return 0;
}

/* 1: it waits for room. */
static int
post(struct worker_process *worker, uint32_t id, int fd)
{
	if (TAILQ_EMPTY(&worker->waiting) &&
	    send_parcel(worker, id, fd) == 0)
		return 0;
	if (!TAILQ_EMPTY(&worker->waiting) || errno == EAGAIN)
		return keep_parcel(worker, id, fd) == 0 ? 1 : -1;
	return -1;
}

/* What a worker says of one of its own connections. */
static void
connection_over(struct worker_process *worker,
    const struct worker_ended *ended)
{
	struct child *child = children_connection(worker->superd->children,
	    ended->id);

	if (child == NULL || child->worker != worker)
		return;
	child->traffic_known = true;
	child->in = ended->in;
	child->out = ended->out;
	if (ended->error != 0)
		live_connection_failed(child, ended->error);
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
	hold_release(superd);
}

/* Starting. */

static void
run_handler(const void *arg, int channel)
{
	streams_run(arg, channel);
}

static void
prepare(struct live *live, struct spawn_request *request)
{
	request->image = live->superd->internal_image;
	if (live->handler != NULL) {
		request->internal = run_handler;
		request->internal_arg = live->handler;
	} else {
		request->internal = redirect_run;
		request->internal_arg = live->service;
	}
}

static struct worker_process *
add_worker(struct crew *crew, pid_t pid, int channel, char *title)
{
	struct worker_process *worker = xcalloc(1, sizeof(*worker));

	worker->superd = crew->superd;
	worker->crew = crew;
	worker->pid = pid;
	worker->title = title;
	worker->channel = channel;
	worker->started = loop_clock();
	worker->idle.fn = dismiss;
	worker->idle.arg = worker;
	TAILQ_INIT(&worker->connections);
	TAILQ_INIT(&worker->waiting);
	TAILQ_INSERT_TAIL(&crew->superd->workers->list, worker, entry);
	crew->worker = worker;
	return worker;
}

static struct worker_process *
start_worker(struct live *live, struct crew *crew)
{
	struct superd *superd = live->superd;
	struct spawn_request request = { .peer = NULL };
	struct worker_process *worker;
	char *title;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return NULL;
	ends[0] = fd_high(ends[0]);
	prepare(live, &request);
	request.fd = ends[1];
	title = xasprintf("worker %s", live->handler != NULL ?
	    live->handler->name : live->id);
	request.title = title;
	pid = spawn_child(superd->spawner, &request);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		free(title);
		return NULL;
	}
	log_debug("%s pid=%d", title, (int)pid);
	worker = add_worker(crew, pid, ends[0], title);
	if (loop_watch(superd->loop, ends[0], reports_ready, worker) == 0)
		return worker;
	dismiss(worker);
	return NULL;
}

/* Giving. */

static uint32_t
new_id(struct superd *superd)
{
	uint32_t *last = &superd->workers->last_id;

	do
		++*last;
	while (*last == 0 ||
	    children_connection(superd->children, *last) != NULL);
	return *last;
}

/*
 * Find or start the worker, and give it the connection.  One that died a
 * moment ago, of which no signal has told yet, is replaced at once.
 */
static struct worker_process *
give(struct live *live, uint32_t id, int fd)
{
	struct crew *crew = crew_of(live);
	struct worker_process *worker;
	int result = -1;

	for (int tries = 0; tries < 2 && result < 0; tries++) {
		worker = crew->worker;
		if (worker == NULL)
			worker = start_worker(live, crew);
		if (worker == NULL)
			return NULL;
		result = post(worker, id, fd);
		if (result < 0 && errno != EPIPE && errno != ECONNRESET) {
			rest(worker);
			return NULL;
		}
		if (result < 0)
			close_channel(worker);
	}
	if (result < 0)
		return NULL;
	if (result > 0)
		live_block(live, BLOCK_WORKER);
	loop_timer_stop(live->superd->loop, &worker->idle);
	return worker;
}

struct child *
workers_give(struct live *live, int fd, const struct addr *peer)
{
	uint32_t id = new_id(live->superd);
	struct worker_process *worker = give(live, id, fd);
	struct child *child;

	if (worker == NULL)
		return NULL;
	child = live_started(live, worker->pid, peer);
	child_connect(child, worker, id);
	return child;
}

int
workers_take_over(struct child *child, int fd)
{
	struct live *live = child->live;
	uint32_t id = new_id(live->superd);
	struct worker_process *worker = give(live, id, fd);

	if (worker == NULL)
		return -1;
	child_connect(child, worker, id);
	live_log_start(live, worker->pid, &child->peer);
	return 0;
}

/* The end. */

void
workers_retire(struct live *live)
{
	struct crew *crew = live->crew;
	struct worker_process *worker;

	live->crew = NULL;
	if (crew == NULL || crew->handler != NULL)
		return;
	worker = crew->worker;
	crew_free(crew);
	if (worker != NULL)
		rest(worker);
}

static void
forget(struct worker_process *worker)
{
	struct parcel *parcel;

	while ((parcel = TAILQ_FIRST(&worker->waiting)) != NULL)
		parcel_free(worker, parcel);
	TAILQ_REMOVE(&worker->superd->workers->list, worker, entry);
	free(worker->title);
	free(worker);
}

static void
log_death(const struct worker_process *worker, int status)
{
	bool killed = WIFSIGNALED(status);

	log_warnx("error %s pid=%d %s=%d: %zu connections lost",
	    worker->title, (int)worker->pid, killed ? "signal" : "status",
	    killed ? WTERMSIG(status) : WEXITSTATUS(status), worker->count);
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

static struct worker_process *
find(const struct workers *workers, pid_t pid)
{
	struct worker_process *worker;

	TAILQ_FOREACH(worker, &workers->list, entry)
		if (worker->pid == pid)
			break;
	return worker;
}

void
workers_failed(const struct superd *superd, const struct spawn_report *report)
{
	const struct worker_process *worker = find(superd->workers,
	    report->pid);

	if (worker != NULL)
		log_warnx("error %s pid=%d %s: %s", worker->title,
		    (int)report->pid, spawn_step_name(report->step),
		    strerror(report->error));
}

bool
workers_ended(struct superd *superd, pid_t pid, int status)
{
	struct worker_process *worker = find(superd->workers, pid);
	struct crew *crew;
	int most = LEFT;

	if (worker == NULL)
		return false;
	/* somebody else may have its end of the channel, and write on */
	while (worker->channel >= 0 && most-- > 0 && read_reports(worker) > 0)
		continue;
	crew = worker->crew;
	close_channel(worker);
	if (!ended_well(worker, status))
		log_death(worker, status);
	if (!worker->dismissed && crew != NULL) {
		if (loop_clock() - worker->started >= SOON)
			crew->deaths = 0;
		crew_pause(crew);
	}
	while (!TAILQ_EMPTY(&worker->connections))
		child_end(TAILQ_FIRST(&worker->connections), status);
	forget(worker);
	return true;
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
