/* The daemon's end of a worker's channel. */
#ifndef TESTS_CHANNEL_H
#define TESTS_CHANNEL_H

#include <sys/socket.h>
#include <sys/uio.h>

/* A message of any bytes with a descriptor; 0, or -1 with errno. */
static inline int
give_bytes(int channel, const void *bytes, size_t length, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)bytes, length };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(channel, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Give a connection to a worker; 0, or -1 with errno. */
static inline int
give(int channel, uint32_t id, int fd)
{
	return give_bytes(channel, &id, sizeof(id), fd);
}

#endif
