/* Descriptors as ancillary data: unix(7), cmsg(3). */
#include "superd/base/message.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* Octets of control data with one descriptor: without the padding, where a
 * second one would find room. */
enum { ONE = CMSG_LEN(sizeof(int)) };

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int))];
};

int
message_send(int channel, const void *octets, size_t length, int fd)
{
	union control control = { .room = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)octets, length };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = ONE;
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	return sendmsg(channel, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

bool
message_comes_later(int error)
{
	return error == EAGAIN || error == ENOBUFS || error == ENOMEM ||
	    error == ETOOMANYREFS || error == EINTR;
}

static int
descriptor_of(struct msghdr *msg)
{
	const struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (cmsg != NULL && cmsg->cmsg_level == SOL_SOCKET &&
	    cmsg->cmsg_type == SCM_RIGHTS && cmsg->cmsg_len == ONE)
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

int
message_read(int channel, void *octets, size_t room, struct message *message)
{
	union control control;
	struct iovec iov = { octets, room };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = ONE };
	ssize_t n = recvmsg(channel, &msg,
	    MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);

	if (n < 0)
		return -1;
	message->length = (size_t)n;
	message->fd = descriptor_of(&msg);
	message->cut = (msg.msg_flags & MSG_CTRUNC) != 0;
	return n > 0;
}
