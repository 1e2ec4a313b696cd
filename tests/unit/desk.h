/* A process that hosts streams or tunnels: services/host.h around epoll(7). */
#ifndef TESTS_DESK_H
#define TESTS_DESK_H

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "services/host.h"
#include "services/io.h"
#include "services/services.h"
#include "services/stream.h"
#include "services/tunnel.h"

enum { ROOM = 1000 };

/* Connections come through its channel, one octet and a descriptor each; and
 * the end of each is told there. */
struct office {
	int channel;
	pid_t pid;
};

static struct tunnel_plan plan __attribute__((unused));

/* In the process: a host around epoll(7). */
static struct desk {
	struct host host;
	int epoll, channel;
	size_t count;
	struct watched {
		host_ready_fn *ready;
		void *owner;
	} watched[ROOM];
} desk;

static inline int
desk_watch(struct host *host, int fd, unsigned events, host_ready_fn *ready,
    void *owner)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	(void)host;
	desk.watched[fd] = (struct watched){ ready, owner };
	return epoll_ctl(desk.epoll, EPOLL_CTL_ADD, fd, &event);
}

static inline int
desk_rewatch(struct host *host, int fd, unsigned events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	(void)host;
	return epoll_ctl(desk.epoll, EPOLL_CTL_MOD, fd, &event);
}

static inline void
desk_unwatch(struct host *host, int fd)
{
	(void)host;
	epoll_ctl(desk.epoll, EPOLL_CTL_DEL, fd, NULL);
	desk.watched[fd].ready = NULL;
}

static inline void
desk_wake(struct host *host)
{
	host->now = monotonic_ms();
}

static inline void
desk_over(struct host *host, const struct connection_end *end)
{
	(void)host;
	desk.count--;
	send(desk.channel, end, sizeof(*end), MSG_NOSIGNAL);
}

static inline int
take_descriptor(void)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(desk.channel, &msg, 0) == 1)
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* Until the channel is closed, and the last connection is over. */
static inline void
run_desk(void *served, void (*begin)(void *, uint32_t, int),
    int (*finish_round)(void *))
{
	uint32_t id = 0;

	while (desk.channel >= 0 || desk.count > 0) {
		struct epoll_event event;
		int wait = finish_round(served), fd;

		if (epoll_wait(desk.epoll, &event, 1, wait) != 1) {
			desk_wake(&desk.host);
			continue;
		}
		if (event.data.fd != desk.channel) {
			struct watched *one = &desk.watched[event.data.fd];

			if (one->ready != NULL)
				one->ready(one->owner, event.events);
			continue;
		}
		fd = take_descriptor();
		if (fd < 0) {
			close(desk.channel);
			desk.channel = -1;
			continue;
		}
		desk_wake(&desk.host);
		fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
		desk.count++;
		begin(served, ++id, fd);
	}
}

static inline void
work(const struct handler *handler, int channel)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = channel };
	struct stream_plan streams = { handler, 0 };

	desk.host = (struct host){ desk_watch, desk_rewatch, desk_unwatch,
		desk_wake, desk_over, NULL, monotonic_ms(), ROOM };
	desk.epoll = epoll_create1(EPOLL_CLOEXEC);
	desk.channel = channel;
	epoll_ctl(desk.epoll, EPOLL_CTL_ADD, channel, &event);
	if (handler != NULL)
		run_desk(streams_new(&desk.host, &streams), streams_begin,
		    streams_round);
	else
		run_desk(tunnels_new(&desk.host, &plan), tunnels_begin,
		    tunnels_round);
	_exit(0);
}

/* handler NULL: tunnels. */
static inline struct office
hire(const struct handler *handler)
{
	struct office office;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	office.channel = ends[0];
	office.pid = fork();
	if (office.pid == 0) {
		close(ends[0]);
		work(handler, ends[1]);
	}
	close(ends[1]);
	return office;
}

static inline void
give(int channel, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	assert_int_equal(sendmsg(channel, &msg, MSG_NOSIGNAL), 1);
}

#endif
