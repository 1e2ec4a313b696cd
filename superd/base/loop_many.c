/*
 * Events carry the number of their descriptor and how often it was set, so that
 * one that was closed and used again in the same round gets none of those of
 * the one before.
 */
#include "superd/base/loop_many.h"

#include <sys/epoll.h>

#include <errno.h>
#include <limits.h>

#include "superd/base/descriptors.h"
#include "superd/base/loop_state.h"

/* What epoll is told of a descriptor. */
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

int
loop_tell_wanted(struct loop *loop, int fd)
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

void
loop_unwatch_closed(struct loop *loop, int fd)
{
	struct watch *watch = &loop->watches[fd];

	watch->read = watch->write = NULL;
	watch->raw = false;
	watch->known = 0;
	watch->counted++;
}

static int
milliseconds_left(struct loop *loop)
{
	const struct loop_timer *first = loop_first_timer(loop);
	int64_t left;

	if (first == NULL)
		return -1;
	left = first->at - loop_read_clock();
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

int
loop_serve_many(struct loop *loop)
{
	struct epoll_event events[EVENTS];
	int n = epoll_pwait(loop->epoll, events, EVENTS,
	    milliseconds_left(loop), &loop->asleep);

	loop->now = loop_read_clock();
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	loop->serial++;
	for (int i = 0; i < n; i++)
		serve_event(loop, &events[i]);
	return 0;
}
