/* Messages with a descriptor, unix(7), and what is asked about that. */
#include "superd/serve/returned.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "superd/base/descriptors.h"

/* Octets of control data with one descriptor: without the padding, where a
 * second one would find room. */
enum { ONE = CMSG_LEN(sizeof(int)) };

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int))];
};

int
returned_send(int channel, const struct wish *wish, int fd)
{
	union control control = { .room = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)wish, sizeof(*wish) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(channel, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
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

/* One descriptor that came; or none, and it was the kernel that dropped it. */
static bool
is_whole(const struct msghdr *msg, ssize_t n, int fd)
{
	bool cut = (msg->msg_flags & MSG_CTRUNC) != 0;

	return n == sizeof(struct wish) && (msg->msg_flags & MSG_TRUNC) == 0 &&
	    (fd >= 0) != cut;
}

enum returned_result
returned_read(int channel, struct returned *returned)
{
	union control control;
	struct iovec iov = { &returned->wish, sizeof(returned->wish) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = ONE };
	ssize_t n = recvmsg(channel, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return RETURNED_NONE;
	if (n <= 0)
		return RETURNED_ENDED;
	returned->fd = descriptor_of(&msg);
	if (is_whole(&msg, n, returned->fd))
		return RETURNED_ONE;
	if (returned->fd >= 0)
		close_shared(returned->fd);
	return RETURNED_BROKEN;
}

static bool
option_is(int fd, int option, int wanted)
{
	socklen_t length = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 &&
	    value == wanted;
}

bool
returned_peer(int fd, struct addr *peer)
{
	socklen_t length = sizeof(peer->u);
	struct stat st;

	memset(peer, 0, sizeof(*peer));
	if (fstat(fd, &st) != 0 || !S_ISSOCK(st.st_mode) ||
	    !option_is(fd, SO_TYPE, SOCK_STREAM) ||
	    !option_is(fd, SO_ACCEPTCONN, 0) ||
	    !(option_is(fd, SO_DOMAIN, AF_INET) ||
		option_is(fd, SO_DOMAIN, AF_INET6) ||
		option_is(fd, SO_DOMAIN, AF_UNIX)))
		return false;
	if (getpeername(fd, &peer->u.sa, &length) == 0) {
		peer->len = length;
		addr_unmap(peer);
	}
	return true;
}
