/* What a returned connection is, as far as the kernel tells. */
#include "superd/serve/returned.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "superd/base/descriptors.h"
#include "superd/base/message.h"

int
returned_send(int channel, const struct wish *wish, int fd)
{
	return message_send(channel, wish, sizeof(*wish), fd);
}

/* One descriptor that came; or none, and it was the kernel that dropped it. */
static bool
is_whole(const struct message *message)
{
	return message->length == sizeof(struct wish) &&
	    (message->fd >= 0) != message->cut;
}

enum returned_result
returned_read(int channel, struct returned *returned)
{
	struct message message;
	int result = message_read(channel, &returned->wish,
	    sizeof(returned->wish), &message);

	if (result < 0 && (errno == EAGAIN || errno == EINTR))
		return RETURNED_NONE;
	if (result < 0)
		return RETURNED_ENDED;
	returned->fd = message.fd;
	if (result > 0 && is_whole(&message))
		return RETURNED_ONE;
	if (message.fd >= 0)
		close_shared(message.fd);
	return result > 0 ? RETURNED_BROKEN : RETURNED_ENDED;
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
