/*
 * One pselect() around everything.  Signals come through signalfd(2): a loop
 * whose descriptors are always ready would never get one delivered inside
 * pselect(), because the kernel looks at signals only when it would sleep.
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
#include <sys/signalfd.h>
#include <sys/syscall.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"

enum {
	EVENTS = 64,
	WORD = sizeof(unsigned long) * CHAR_BIT,
	GLANCE = 16,
	NAP = 20 * 1000 * 1000 /* nanoseconds */,
	ROOM_DOUBLES = 4096 /* descriptors; beyond, by an eighth */
};

struct watch {
	union {
		loop_fn *read;
		loop_events_fn *events;
	};
	loop_fn *write;
	void *read_arg, *write_arg;
	unsigned serial; /* round in which it was set */
	bool listener, parked;
	bool raw;	  /* for events */
	unsigned known;	  /* to epoll, where that waits for all */
	unsigned counted; /* how often it was set: in its events */
};

struct ready {
	int fd;
	bool read, write;
};

RB_HEAD(loop_timers, loop_timer);

struct loop {
	struct watch *watches; /* by descriptor */
	size_t room;
	unsigned long *want[2], *got[2]; /* bit sets: read, write */
	int top;  /* one above the largest descriptor in a set */
	int last; /* served last */
	unsigned serial;
	struct ready *ready;
	size_t nready;

	int epoll; /* -1 until needed */
	size_t listeners;
	bool parking;
	bool many; /* epoll waits for everything */
	loop_fn *after;
	void *after_arg;

	struct loop_timers timers;

	int signals; /* signalfd, or -1 */
	sigset_t mask;
	sigset_t asleep; /* what is blocked while nothing runs */
	loop_fn *signal_fn[NSIG];
	void *signal_arg[NSIG];

	int64_t now;
	bool stop;
};

/* Bit sets. */

static void
bit_set(unsigned long *set, int fd)
{
	set[(size_t)fd / WORD] |= 1ul << ((size_t)fd % WORD);
}

static void
bit_clear(unsigned long *set, int fd)
{
	set[(size_t)fd / WORD] &= ~(1ul << ((size_t)fd % WORD));
}

static bool
bit_is_set(const unsigned long *set, int fd)
{
	return (set[(size_t)fd / WORD] >> ((size_t)fd % WORD)) & 1;
}

static size_t
words(size_t bits)
{
	return (bits + WORD - 1) / WORD;
}

/* Room for count elements of so many octets.  -1: what was there stays. */
static int
grow(void *array, size_t count, size_t size)
{
	void **place = array;
	void *larger = reallocarray(*place, count, size);

	if (larger == NULL)
		return -1;
	*place = larger;
	return 0;
}

static int
set_grow(unsigned long **set, size_t from, size_t to)
{
	if (grow(set, words(to), sizeof(**set)) != 0)
		return -1;
	memset(*set + words(from), 0,
	    (words(to) - words(from)) * sizeof(**set));
	return 0;
}

/* Nothing that is larger already is in the way of another try. */
static int
loop_grow(struct loop *loop, int fd)
{
	size_t room = loop->room, need = (size_t)fd + 1;

	if (need <= room)
		return 0;
	while (room < need)
		room += room < ROOM_DOUBLES ? room : room / 8;
	if (grow(&loop->watches, room, sizeof(*loop->watches)) != 0 ||
	    grow(&loop->ready, room + EVENTS, sizeof(*loop->ready)) != 0)
		return -1;
	memset(loop->watches + loop->room, 0,
	    (room - loop->room) * sizeof(*loop->watches));
	for (int i = 0; i < 2; i++)
		if (set_grow(&loop->want[i], loop->room, room) != 0 ||
		    set_grow(&loop->got[i], loop->room, room) != 0)
			return -1;
	loop->room = room;
	return 0;
}

struct loop *
loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->room = 256;
	loop->watches = xcalloc(loop->room, sizeof(*loop->watches));
	loop->ready = xcalloc(loop->room + EVENTS, sizeof(*loop->ready));
	for (int i = 0; i < 2; i++) {
		loop->want[i] = xcalloc(words(loop->room),
		    sizeof(unsigned long));
		loop->got[i] = xcalloc(words(loop->room),
		    sizeof(unsigned long));
	}
	loop->epoll = loop->signals = -1;
	RB_INIT(&loop->timers);
	sigemptyset(&loop->mask);
	loop->now = loop_clock();
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
	memset(loop->watches, 0, loop->room * sizeof(*loop->watches));
	for (int i = 0; i < 2; i++)
		memset(loop->want[i], 0,
		    words(loop->room) * sizeof(unsigned long));
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
	for (int i = 0; i < 2; i++) {
		free(loop->want[i]);
		free(loop->got[i]);
	}
	free(loop->ready);
	free(loop->watches);
	free(loop);
}

/* Watching. */

static void
top_raise(struct loop *loop, int fd)
{
	if (fd >= loop->top)
		loop->top = fd + 1;
}

static void
top_lower(struct loop *loop)
{
	while (loop->top > 0 && !bit_is_set(loop->want[0], loop->top - 1) &&
	    !bit_is_set(loop->want[1], loop->top - 1))
		loop->top--;
}

static void
read_direct(struct loop *loop, int fd)
{
	bit_set(loop->want[0], fd);
	top_raise(loop, fd);
}

static bool
park(struct loop *loop, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0 &&
	    errno != EEXIST)
		return false;
	loop->watches[fd].parked = true;
	return true;
}

static void
unpark(struct loop *loop, int fd)
{
	struct epoll_event event = { 0 };

	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, &event);
	loop->watches[fd].parked = false;
}

/* Many: what epoll is told of a descriptor. */

static int
tell_epoll(struct loop *loop, int fd, unsigned events)
{
	struct watch *watch = &loop->watches[fd];
	struct epoll_event event = { .events = events,
		.data.u64 = (uint64_t)watch->counted << 32 | (unsigned)fd };
	int what = watch->known == 0 ? EPOLL_CTL_ADD :
	    events == 0		     ? EPOLL_CTL_DEL :
				       EPOLL_CTL_MOD;

	if (watch->known == events)
		return 0;
	watch->known = events;
	return epoll_ctl(loop->epoll, what, fd, &event);
}

static int
tell_wanted(struct loop *loop, int fd)
{
	const struct watch *watch = &loop->watches[fd];
	unsigned events = 0;

	if (watch->read != NULL)
		events |= EPOLLIN;
	if (watch->write != NULL)
		events |= EPOLLOUT;
	return tell_epoll(loop, fd, events);
}

int
loop_for_many(struct loop *loop)
{
	loop->epoll = fd_high(epoll_create1(EPOLL_CLOEXEC));
	loop->many = loop->epoll >= 0;
	return loop->many ? 0 : -1;
}

/* From now on listeners are parked, those already there too. */
static void
start_parking(struct loop *loop)
{
	loop->epoll = fd_high(epoll_create1(EPOLL_CLOEXEC));
	/* slower without, but the same */
	if (loop->epoll < 0 || loop_grow(loop, loop->epoll) != 0) {
		if (loop->epoll >= 0)
			close(loop->epoll);
		loop->epoll = -1;
		return;
	}
	loop->parking = true;
	read_direct(loop, loop->epoll);
	for (int fd = 0; (size_t)fd < loop->room; fd++) {
		struct watch *watch = &loop->watches[fd];

		if (watch->listener && watch->read != NULL && park(loop, fd))
			bit_clear(loop->want[0], fd);
	}
	top_lower(loop);
}

static struct watch *
watch_new(struct loop *loop, int fd)
{
	if (loop_grow(loop, fd) != 0)
		return NULL;
	loop->watches[fd].serial = loop->serial;
	loop->watches[fd].counted++;
	return &loop->watches[fd];
}

int
loop_watch_events(struct loop *loop, int fd, unsigned events,
    loop_events_fn *fn, void *arg)
{
	struct watch *watch = watch_new(loop, fd);

	if (watch == NULL)
		return -1;
	watch->events = fn;
	watch->read_arg = arg;
	watch->raw = true;
	watch->known = 0;
	return tell_epoll(loop, fd, events);
}

int
loop_change_events(struct loop *loop, int fd, unsigned events)
{
	return tell_epoll(loop, fd, events);
}

int
loop_watch(struct loop *loop, int fd, loop_fn *fn, void *arg)
{
	struct watch *watch = watch_new(loop, fd);

	if (watch == NULL)
		return -1;
	watch->read = fn;
	watch->read_arg = arg;
	if (loop->many)
		return tell_wanted(loop, fd);
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
		return tell_wanted(loop, fd);
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
		start_parking(loop);
	watch = &loop->watches[fd];
	if (!loop->parking || (!watch->parked && !park(loop, fd)))
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
		tell_wanted(loop, fd);
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
		unpark(loop, fd);
	watch->read = NULL;
	watch->listener = watch->raw = false;
	if (!loop->many)
		bit_clear(loop->want[0], fd);
	loop_unwatch_write(loop, fd);
}

void
loop_unwatch_closed(struct loop *loop, int fd)
{
	struct watch *watch = &loop->watches[fd];

	watch->read = watch->write = NULL;
	watch->raw = false;
	watch->known = 0;
	watch->counted++;
}

void
loop_after_round(struct loop *loop, loop_fn *fn, void *arg)
{
	loop->after = fn;
	loop->after_arg = arg;
}

/* Timers: a tree through them, by time. */

static int
compare_timers(struct loop_timer *a, struct loop_timer *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a > b) - (a < b);
}

RB_PROTOTYPE(loop_timers, loop_timer, entry, compare_timers)
RB_GENERATE(loop_timers, loop_timer, entry, compare_timers)

void
loop_timer_init(struct loop_timer *timer, loop_fn *fn, void *arg)
{
	timer->fn = fn;
	timer->arg = arg;
}

void
loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t delay)
{
	loop_timer_stop(loop, timer);
	timer->at = loop_clock() + (delay > 0 ? delay : 0);
	timer->running = true;
	RB_INSERT(loop_timers, &loop->timers, timer);
}

void
loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
	if (!timer->running)
		return;
	RB_REMOVE(loop_timers, &loop->timers, timer);
	timer->running = false;
}

bool
loop_timer_running(const struct loop_timer *timer)
{
	return timer->running;
}

static void
run_timers(struct loop *loop)
{
	struct loop_timer *timer;

	while ((timer = RB_MIN(loop_timers, &loop->timers)) != NULL &&
	    timer->at <= loop->now) {
		loop_timer_stop(loop, timer);
		timer->fn(timer->arg);
	}
}

/* Signals. */

static void
signals_ready(void *arg)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info[16];
	bool came[NSIG] = { false };
	ssize_t n;

	do {
		n = read(loop->signals, info, sizeof(info));
		for (ssize_t i = 0; i < n / (ssize_t)sizeof(info[0]); i++)
			if (info[i].ssi_signo < NSIG)
				came[info[i].ssi_signo] = true;
	} while (n == (ssize_t)sizeof(info)); /* there may be more */
	for (int signo = 1; signo < NSIG; signo++)
		if (came[signo] && loop->signal_fn[signo] != NULL)
			loop->signal_fn[signo](loop->signal_arg[signo]);
}

int
loop_signal(struct loop *loop, int signo, loop_fn *fn, void *arg)
{
	bool first = loop->signals < 0;

	loop->signal_fn[signo] = fn;
	loop->signal_arg[signo] = arg;
	sigaddset(&loop->mask, signo);
	if (sigprocmask(SIG_BLOCK, &loop->mask, NULL) != 0 ||
	    signal(signo, SIG_DFL) == SIG_ERR)
		return -1;
	loop->signals = signalfd(loop->signals, &loop->mask,
	    SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signals < 0)
		return -1;
	if (first) {
		loop->signals = fd_high(loop->signals);
		return loop_watch(loop, loop->signals, signals_ready, loop);
	}
	return 0;
}

/* Running. */

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
	const struct loop_timer *first = RB_MIN(loop_timers, &loop->timers);
	int64_t left;

	if (first == NULL)
		return NULL;
	left = first->at - loop_clock();
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

/* Many. */

static int
milliseconds_left(struct loop *loop)
{
	const struct loop_timer *first = RB_MIN(loop_timers, &loop->timers);
	int64_t left;

	if (first == NULL)
		return -1;
	left = first->at - loop_clock();
	if (left <= 0)
		return 0;
	return left < INT_MAX ? (int)((left + 999) / 1000) : INT_MAX / 1000;
}

static void
serve_event(struct loop *loop, const struct epoll_event *event)
{
	int fd = (int)(uint32_t)event->data.u64;
	unsigned counted = (unsigned)(event->data.u64 >> 32);
	unsigned gone = EPOLLERR | EPOLLHUP;
	struct watch *watch = &loop->watches[fd];

	/* another one has this number by now */
	if (watch->counted != counted || watch->read == NULL)
		return;
	if (watch->raw) {
		watch->events(watch->read_arg, event->events);
		return;
	}
	if (event->events & (EPOLLIN | gone))
		watch->read(watch->read_arg);
	watch = &loop->watches[fd];
	if (watch->counted == counted && watch->write != NULL &&
	    (event->events & (EPOLLOUT | gone)))
		watch->write(watch->write_arg);
}

static int
serve_many(struct loop *loop)
{
	struct epoll_event events[EVENTS];
	int n = epoll_pwait(loop->epoll, events, EVENTS,
	    milliseconds_left(loop), &loop->asleep);

	loop->now = loop_clock();
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	loop->serial++;
	for (int i = 0; i < n; i++)
		serve_event(loop, &events[i]);
	return 0;
}

static int
wait_ready(struct loop *loop)
{
	int n = look(loop);

	loop->now = loop_clock();
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
	sigprocmask(SIG_BLOCK, NULL, &loop->asleep);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, _NSIG / 8);
}

int
loop_run(struct loop *loop)
{
	int result = 0;

	block_signals(loop);
	loop->stop = false;
	while (!loop->stop &&
	    (result = loop->many ? serve_many(loop) : wait_ready(loop)) == 0) {
		if (!loop->many) {
			loop->serial++;
			serve_ready(loop);
		}
		run_timers(loop);
		if (loop->after != NULL)
			loop->after(loop->after_arg);
	}
	sigprocmask(SIG_SETMASK, &loop->asleep, NULL);
	return result;
}

void
loop_stop(struct loop *loop)
{
	loop->stop = true;
}

int64_t
loop_now(const struct loop *loop)
{
	return loop->now;
}

int64_t
loop_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}
