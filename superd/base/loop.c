/*
 * One pselect() around everything, or one epoll_pwait() (loop_many.c).
 *
 * Ready descriptors are first collected and then served, starting behind the
 * one that was served last, so that a busy listener with a low number does
 * not starve the others.
 *
 * All signals are blocked but while it sleeps.
 */
#include "superd/base/loop.h"

#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/loop_many.h"
#include "superd/base/loop_parking.h"
#include "superd/base/loop_state.h"

enum { GLANCE = 16, NAP = 20 * 1000 * 1000 /* nanoseconds */ };

struct loop *
loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop_room_new(loop);
	loop->epoll = loop->signals = -1;
	RB_INIT(&loop->timers);
	sigemptyset(&loop->mask);
	loop->now = loop_read_clock();
	return loop;
}

void
loop_forget(struct loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->signals >= 0)
		close(loop->signals);
	loop->epoll = loop->signals = -1;
}

void
loop_restart(struct loop *loop)
{
	struct loop_timer *timer;

	while ((timer = RB_ROOT(&loop->timers)) != NULL)
		loop_timer_stop(loop, timer);
	/* not cleared: that would make pages of our own of those shared with
	 * whoever forked us, for as many descriptors as that one has */
	loop_room_free(loop);
	loop_room_new(loop);
	loop->epoll = loop->signals = -1;
	loop->listeners = loop->nready = 0;
	loop->parking = false;
	loop->top = loop->last = 0;
	sigemptyset(&loop->mask);
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	loop_forget(loop);
	loop_room_free(loop);
	free(loop);
}

/* Watching. */

int
loop_watch(struct loop *loop, int fd, loop_fn *fn, void *arg)
{
	struct watch *watch = watch_new(loop, fd);

	if (watch == NULL)
		return -1;
	watch->read = fn;
	watch->read_arg = arg;
	if (loop->many)
		return loop_tell_wanted(loop, fd);
	read_direct(loop, fd);
	return 0;
}

int
loop_watch_write(struct loop *loop, int fd, loop_fn *fn, void *arg)
{
	struct watch *watch = watch_new(loop, fd);

	if (watch == NULL)
		return -1;
	watch->write = fn;
	watch->write_arg = arg;
	if (loop->many)
		return loop_tell_wanted(loop, fd);
	bit_set(loop->want[1], fd);
	top_raise(loop, fd);
	return 0;
}

int
loop_watch_listener(struct loop *loop, int fd, loop_fn *fn, void *arg)
{
	struct watch *watch;

	if (loop->many)
		return loop_watch(loop, fd, fn, arg);
	watch = watch_new(loop, fd);
	if (watch == NULL)
		return -1;
	if (watch->read == NULL)
		loop->listeners++;
	watch->read = fn;
	watch->read_arg = arg;
	watch->listener = true;
	if (!loop->parking && loop->listeners > LOOP_DIRECT)
		loop_start_parking(loop);
	watch = &loop->watches[fd];
	if (!loop->parking || (!watch->parked && !loop_park(loop, fd)))
		read_direct(loop, fd);
	return 0;
}

void
loop_unwatch_write(struct loop *loop, int fd)
{
	if (fd < 0 || (size_t)fd >= loop->room)
		return;
	loop->watches[fd].write = NULL;
	if (loop->many) {
		loop_tell_wanted(loop, fd);
		return;
	}
	bit_clear(loop->want[1], fd);
	top_lower(loop);
}

void
loop_unwatch(struct loop *loop, int fd)
{
	struct watch *watch;

	if (fd < 0 || (size_t)fd >= loop->room)
		return;
	watch = &loop->watches[fd];
	if (watch->listener && watch->read != NULL)
		loop->listeners--;
	if (watch->parked)
		loop_unpark(loop, fd);
	watch->read = NULL;
	watch->listener = watch->raw = false;
	if (!loop->many)
		bit_clear(loop->want[0], fd);
	loop_unwatch_write(loop, fd);
}

void
loop_after_round(struct loop *loop, loop_fn *fn, void *arg)
{
	loop->after = fn;
	loop->after_arg = arg;
}

/* Running. */

static void
run_timers(struct loop *loop)
{
	struct loop_timer *timer;

	while ((timer = loop_first_timer(loop)) != NULL &&
	    timer->at <= loop->now) {
		loop_timer_stop(loop, timer);
		timer->fn(timer->arg);
	}
}

static void
add_ready(struct loop *loop, int fd, bool readable, bool writable)
{
	struct ready *ready = &loop->ready[loop->nready++];

	ready->fd = fd;
	ready->read = readable;
	ready->write = writable;
}

static void
collect_parked(struct loop *loop)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(loop->epoll, events, EVENTS, 0);

	for (int i = 0; i < n; i++)
		add_ready(loop, events[i].data.fd, true, false);
}

static void
collect_range(struct loop *loop, int from, int to)
{
	for (int fd = from; fd < to; fd++) {
		bool readable, writable;
		size_t word = (size_t)fd / WORD;

		if ((loop->got[0][word] | loop->got[1][word]) == 0) {
			fd = (int)((word + 1) * WORD) - 1;
			continue;
		}
		readable = bit_is_set(loop->got[0], fd);
		writable = bit_is_set(loop->got[1], fd);
		if (fd == loop->epoll && readable)
			collect_parked(loop);
		else if (readable || writable)
			add_ready(loop, fd, readable, writable);
	}
}

/* A function may unwatch, close and reuse descriptors that are still to be
 * served in this round: those watched anew have to wait for the next. */
static bool
still_valid(const struct loop *loop, int fd)
{
	return loop->watches[fd].serial != loop->serial;
}

static void
serve_ready(struct loop *loop)
{
	for (size_t i = 0; i < loop->nready; i++) {
		struct ready ready = loop->ready[i];
		struct watch *watch = &loop->watches[ready.fd];

		loop->last = ready.fd;
		if (ready.read && watch->read != NULL &&
		    still_valid(loop, ready.fd))
			watch->read(watch->read_arg);
		watch = &loop->watches[ready.fd];
		if (ready.write && watch->write != NULL &&
		    still_valid(loop, ready.fd))
			watch->write(watch->write_arg);
	}
}

static struct timespec *
next_timeout(struct loop *loop, struct timespec *ts)
{
	const struct loop_timer *first = loop_first_timer(loop);
	int64_t left;

	if (first == NULL)
		return NULL;
	left = first->at - loop_read_clock();
	if (left < 0)
		left = 0;
	ts->tv_sec = left / SECOND;
	ts->tv_nsec = (left % SECOND) * 1000;
	return ts;
}

/* Keep what some of the watched descriptors are ready for; how many are. */
static int
glance(struct loop *loop, struct pollfd *fds, nfds_t count)
{
	int n = poll(fds, count, 0);

	for (nfds_t i = 0; n > 0 && i < count; i++) {
		short got = fds[i].revents;

		if ((fds[i].events & POLLIN) &&
		    (got & (POLLIN | POLLHUP | POLLERR)))
			bit_set(loop->got[0], fds[i].fd);
		if ((fds[i].events & POLLOUT) && (got & (POLLOUT | POLLERR)))
			bit_set(loop->got[1], fds[i].fd);
	}
	return n > 0 ? n : 0;
}

/*
 * There is no memory for the sets of pselect(), which needs some for more
 * than a few hundred descriptors: a short sleep, and a look at a few of them
 * at a time, for which the kernel has room on its stack.
 */
static int
look_in_parts(struct loop *loop)
{
	const struct timespec nap = { .tv_nsec = NAP };
	struct pollfd fds[GLANCE];
	nfds_t count = 0;
	int n = 0;

	nanosleep(&nap, NULL);
	for (int fd = 0; fd < loop->top; fd++) {
		bool in = bit_is_set(loop->want[0], fd);
		bool out = bit_is_set(loop->want[1], fd);

		if (in || out)
			fds[count++] = (struct pollfd){ .fd = fd,
				.events = (short)((in ? POLLIN : 0) |
				    (out ? POLLOUT : 0)) };
		if (count == GLANCE || fd == loop->top - 1) {
			n += glance(loop, fds, count);
			count = 0;
		}
	}
	return n;
}

/* How many are ready.  Errors that only a mistake of ours can cause are the
 * end; every other one passes. */
static int
look(struct loop *loop)
{
	struct timespec ts;
	size_t bytes = words((size_t)loop->top) * sizeof(unsigned long);
	int n;

	for (int i = 0; i < 2; i++)
		memcpy(loop->got[i], loop->want[i], bytes);
	n = pselect(loop->top, (fd_set *)(void *)loop->got[0],
	    (fd_set *)(void *)loop->got[1], NULL, next_timeout(loop, &ts),
	    &loop->asleep);
	if (n >= 0 || errno == EBADF || errno == EINVAL)
		return n;
	for (int i = 0; i < 2; i++)
		memset(loop->got[i], 0, bytes);
	return errno == EINTR ? 0 : look_in_parts(loop);
}

static int
wait_ready(struct loop *loop)
{
	int n = look(loop);

	loop->now = loop_read_clock();
	loop->nready = 0;
	if (n < 0)
		return -1;
	if (n > 0) {
		collect_range(loop, loop->last + 1, loop->top);
		collect_range(loop, 0,
		    loop->last + 1 < loop->top ? loop->last + 1 : loop->top);
	}
	return 0;
}

/*
 * Every signal there is, so that what is cloned meanwhile has all of them
 * blocked from its first instruction, at no cost.  Past the C library, which
 * would leave out the two of its threads.
 */
static void
block_signals(struct loop *loop)
{
	sigset_t all;

	memset(&all, 0xff, sizeof(all));
	for (int signo = 1; signo < SIGRTMIN; signo++)
		if (sigismember(&loop->open, signo) == 1)
			sigdelset(&all, signo);
	sigprocmask(SIG_BLOCK, NULL, &loop->asleep);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, _NSIG / 8);
}

/* Microseconds. */
const int64_t loop_busy_bounds[HISTOGRAM_BOUNDS] = { 20, 50, 100, 250, 500,
	1000, 2000, 5000, 10000, 50000, 250000, 1000000 };

const struct histogram *
loop_busy(const struct loop *loop)
{
	return &loop->busy;
}

int
loop_run(struct loop *loop)
{
	int result = 0;

	block_signals(loop);
	loop->stop = false;
	while (!loop->stop &&
	    (result = loop->many ? loop_serve_many(loop) : wait_ready(loop)) ==
		0) {
		if (!loop->many) {
			loop->serial++;
			serve_ready(loop);
		}
		run_timers(loop);
		if (loop->after != NULL)
			loop->after(loop->after_arg);
		histogram_add(&loop->busy, loop_busy_bounds,
		    loop_read_clock() - loop->now);
	}
	sigprocmask(SIG_SETMASK, &loop->asleep, NULL);
	return result;
}

void
loop_stop(struct loop *loop)
{
	loop->stop = true;
}
