/*
 * The loop of a worker.  It takes connections only while it has room for
 * them: the others wait in the channel, and in front of it.
 */
#include "services/worker.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/io.h"

/* Descriptors that are not connections', messages read before the
 * connections have their turn, reports in a message. */
enum { SPARE = 64, MESSAGES = 4, REPORTS = 64, EVENTS = 64 };

struct worker {
	const struct trade *trade;
	void *arg;
	int epoll;
	int channel;	    /* -1: no more will come */
	unsigned listening; /* events that the channel is watched for */
	int poke;	    /* readable: somebody asks whether we run */
	bool deaf;	    /* nobody wants to hear of the end of one */
	size_t count, most; /* connections */
	long long now;
	struct worker_ended *ended; /* not told yet */
	size_t nended, room;
};

int
worker_watch(struct worker *worker, int fd, unsigned events, void *owner)
{
	struct epoll_event event = { .events = events,
		.data = { .ptr = owner } };

	return epoll_ctl(worker->epoll, EPOLL_CTL_ADD, fd, &event);
}

int
worker_rewatch(struct worker *worker, int fd, unsigned events, void *owner)
{
	struct epoll_event event = { .events = events,
		.data = { .ptr = owner } };

	return epoll_ctl(worker->epoll, EPOLL_CTL_MOD, fd, &event);
}

void
worker_unwatch(struct worker *worker, int fd)
{
	epoll_ctl(worker->epoll, EPOLL_CTL_DEL, fd, NULL);
}

size_t
worker_room(const struct worker *worker)
{
	return worker->most;
}

long long
worker_now(const struct worker *worker)
{
	return worker->now;
}

int
worker_left(const struct worker *worker, long long then, unsigned limit)
{
	static const long long hour = 3600000;
	long long left = then + (long long)limit * 1000 - worker->now;

	if (limit == 0)
		return -1;
	if (left <= 0)
		return 0;
	return (int)(left < hour ? left : hour);
}

/* Telling. */

static bool
make_room(struct worker *worker)
{
	size_t room = worker->room == 0 ? REPORTS : worker->room * 2;
	struct worker_ended *ended;

	if (worker->nended < worker->room)
		return true;
	ended = reallocarray(worker->ended, room, sizeof(*ended));
	if (ended == NULL)
		return false;
	worker->ended = ended;
	worker->room = room;
	return true;
}

void
worker_over(struct worker *worker, const struct worker_ended *ended)
{
	worker->count--;
	if (worker->deaf)
		return;
	/* what cannot be told would be counted for ever: better all end */
	if (!make_room(worker))
		abort();
	worker->ended[worker->nended++] = *ended;
}

/* Whoever asks gets an answer, as the end of no connection. */
static void
answer_poke(struct worker *worker)
{
	eventfd_t count;

	if (eventfd_read(worker->poke, &count) == 0 && !worker->deaf &&
	    make_room(worker))
		worker->ended[worker->nended++] = (struct worker_ended){ 0 };
}

static void
tell(struct worker *worker)
{
	size_t told = 0;

	while (told < worker->nended) {
		size_t count = worker->nended - told;
		ssize_t n;

		if (count > REPORTS)
			count = REPORTS;
		n = send(worker->channel, worker->ended + told,
		    count * sizeof(*worker->ended),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 &&
		    (errno == EAGAIN || errno == ENOBUFS || errno == EINTR))
			break;
		if (n < 0)
			worker->deaf = true;
		told += count;
	}
	worker->nended -= told;
	memmove(worker->ended, worker->ended + told,
	    worker->nended * sizeof(*worker->ended));
}

/* The channel. */

static void
close_channel(struct worker *worker)
{
	if (worker->listening != 0)
		worker_unwatch(worker, worker->channel);
	close(worker->channel);
	worker->channel = -1;
	worker->listening = 0;
	worker->deaf = true;
	worker->nended = 0;
}

/* Not watched at all where nothing is wanted: its end would be reported
 * again and again. */
static void
watch_channel(struct worker *worker)
{
	unsigned wanted = 0;

	if (worker->channel < 0)
		return;
	if (worker->count < worker->most)
		wanted |= EPOLLIN;
	if (worker->nended > 0)
		wanted |= EPOLLOUT;
	if (wanted == worker->listening)
		return;
	if (wanted == 0)
		worker_unwatch(worker, worker->channel);
	else if (worker->listening == 0)
		worker_watch(worker, worker->channel, wanted, worker);
	else
		worker_rewatch(worker, worker->channel, wanted, worker);
	worker->listening = wanted;
}

/* Numbers without a descriptor: there was none left for it. */
static void
begin_all(struct worker *worker, const uint32_t *ids, size_t nids,
    const int *fds, size_t nfds)
{
	for (size_t i = 0; i < nids; i++) {
		struct worker_ended lost = { .id = ids[i], .error = EMFILE };

		worker->count++;
		if (i < nfds)
			worker->trade->begin(worker, worker->arg, ids[i],
			    fds[i]);
		else
			worker_over(worker, &lost);
	}
	for (size_t i = nids; i < nfds; i++)
		close(fds[i]);
}

static size_t
take_fds(struct msghdr *msg, int *fds)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	size_t count;

	if (cmsg == NULL || cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(cmsg), count * sizeof(int));
	return count;
}

static bool
read_message(struct worker *worker)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(WORKER_BATCH * sizeof(int))];
	} control;
	uint32_t ids[WORKER_BATCH];
	int fds[WORKER_BATCH];
	struct iovec iov = { ids, sizeof(ids) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t n;

	n = recvmsg(worker->channel, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	/* the other end closed before it read our last reports: what it
	 * sent is still to be had */
	if (n < 0 && errno == ECONNRESET)
		return true;
	if (n >= 0)
		begin_all(worker, ids, (size_t)n / sizeof(*ids), fds,
		    take_fds(&msg, fds));
	/* one without bytes is taken for the end, and may bring some, too */
	if (n <= 0)
		close_channel(worker);
	return n > 0;
}

static void
channel_ready(struct worker *worker)
{
	for (int i = 0; i < MESSAGES && worker->count < worker->most; i++)
		if (!read_message(worker))
			break;
}

/* The loop. */

/* As many descriptors as there may be: the limits are for children that are
 * programs. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

size_t
worker_capacity(unsigned descriptors)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024 / descriptors;
	return limit.rlim_max > SPARE + descriptors ?
	    (limit.rlim_max - SPARE) / descriptors :
	    1;
}

static void
serve_round(struct worker *worker)
{
	struct epoll_event events[EVENTS];
	int n, wait = -1;

	if (worker->trade->round != NULL)
		wait = worker->trade->round(worker, worker->arg);
	if (worker->nended > 0)
		tell(worker);
	if (worker->channel < 0 && worker->count == 0)
		return;
	watch_channel(worker);
	n = epoll_wait(worker->epoll, events, EVENTS, wait);
	worker->now = monotonic_ms();
	for (int i = 0; i < n; i++) {
		void *owner = events[i].data.ptr;

		if (owner == &worker->poke)
			answer_poke(worker);
		else if (owner != worker)
			worker->trade->ready(worker, worker->arg, owner,
			    events[i].events);
		else if (worker->channel >= 0)
			channel_ready(worker);
	}
}

void
worker_run(int channel, int poke, const struct trade *trade, void *arg)
{
	struct worker worker = { .trade = trade,
		.arg = arg,
		.channel = channel,
		.poke = poke,
		.now = monotonic_ms() };

	worker.epoll = epoll_create1(EPOLL_CLOEXEC);
	raise_limit();
	worker.most = worker_capacity(trade->descriptors);
	if (poke >= 0)
		worker_watch(&worker, poke, EPOLLIN, &worker.poke);
	while (worker.epoll >= 0 && (worker.channel >= 0 || worker.count > 0))
		serve_round(&worker);
	if (worker.channel >= 0)
		close(worker.channel);
	if (worker.epoll >= 0)
		close(worker.epoll);
	free(worker.ended);
}
