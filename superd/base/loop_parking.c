/* Which listeners are parked stands in their watches. */
#include "superd/base/loop_parking.h"

#include <sys/epoll.h>

#include <errno.h>
#include <unistd.h>

#include "superd/base/descriptors.h"
#include "superd/base/loop_state.h"

bool
loop_park(struct loop *loop, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0 &&
	    errno != EEXIST)
		return false;
	loop->watches[fd].parked = true;
	return true;
}

void
loop_unpark(struct loop *loop, int fd)
{
	struct epoll_event event = { 0 };

	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, &event);
	loop->watches[fd].parked = false;
}

void
loop_start_parking(struct loop *loop)
{
	loop->epoll = fd_high(epoll_create1(EPOLL_CLOEXEC));
	/* slower without, but the same */
	if (loop->epoll < 0 || loop_room_grow(loop, loop->epoll) != 0) {
		if (loop->epoll >= 0)
			close(loop->epoll);
		loop->epoll = -1;
		return;
	}
	loop->parking = true;
	read_direct(loop, loop->epoll);
	for (int fd = 0; (size_t)fd < loop->room; fd++) {
		struct watch *watch = &loop->watches[fd];

		if (watch->listener && watch->read != NULL &&
		    loop_park(loop, fd))
			bit_clear(loop->want[0], fd);
	}
	top_lower(loop);
}
