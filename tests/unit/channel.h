/* The daemon's end of a worker's channel. */
#ifndef TESTS_CHANNEL_H
#define TESTS_CHANNEL_H

#include <sys/socket.h>
#include <sys/uio.h>

/* Give a connection to a worker; 0, or -1 with errno. */
static inline int
give(int channel, uint32_t id, int fd)
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
	return sendmsg(channel, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

#endif
