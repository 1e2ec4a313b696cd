/*
 * A TCP connection that has not been accepted yet has no inode.  Its cookie
 * identifies it: the kernel does not use one again until the next boot.  A
 * connection to a unix socket is identified by the inode of the client's
 * socket.
 */
#include "superd/base/backlog.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <string.h>

#include "superd/base/netlink.h"

static void
add(struct backlog *backlog, uint64_t who)
{
	if (backlog->count < BACKLOG_SEEN)
		backlog->who[backlog->count++] = who;
}

static void
take_tcp(void *arg, uint16_t type, const void *body, size_t length)
{
	const struct inet_diag_msg *message = body;

	if (type == SOCK_DIAG_BY_FAMILY && length >= sizeof(*message) &&
	    message->idiag_inode == 0)
		add(arg,
		    (uint64_t)message->id.idiag_cookie[1] << 32 |
			message->id.idiag_cookie[0]);
}

static void
look_at_tcp(const struct addr *bound, struct backlog *backlog)
{
	const struct inet_diag_req_v2 request = {
		.sdiag_family = (uint8_t)bound->u.sa.sa_family,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = 1u << TCP_ESTABLISHED | 1u << TCP_CLOSE_WAIT,
		.id.idiag_sport = htons(addr_port(bound))
	};
	const struct netlink_question question = { .type = SOCK_DIAG_BY_FAMILY,
		.flags = NLM_F_DUMP,
		.body = &request,
		.length = sizeof(request),
		.part = take_tcp,
		.arg = backlog };

	backlog->known = netlink_ask(&question) == 0;
}

static void
take_unix(void *arg, uint16_t type, const void *body, size_t length)
{
	struct backlog *backlog = arg;
	struct netlink_attribute clients;
	uint32_t inode;

	if (type != SOCK_DIAG_BY_FAMILY ||
	    !netlink_attribute(body, sizeof(struct unix_diag_msg), length,
		UNIX_DIAG_ICONS, &clients))
		return;
	backlog->known = true;
	for (size_t at = 0; at + sizeof(inode) <= clients.length;
	     at += sizeof(inode)) {
		memcpy(&inode, clients.bytes + at, sizeof(inode));
		add(backlog, inode);
	}
}

static void
look_at_unix(int fd, struct backlog *backlog)
{
	struct unix_diag_req request = { .sdiag_family = AF_UNIX,
		.udiag_states = ~0u,
		.udiag_show = UDIAG_SHOW_ICONS,
		.udiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } };
	const struct netlink_question question = { .type = SOCK_DIAG_BY_FAMILY,
		.body = &request,
		.length = sizeof(request),
		.part = take_unix,
		.arg = backlog };
	struct stat st;

	backlog->ordered = true;
	if (fstat(fd, &st) != 0)
		return;
	request.udiag_ino = (uint32_t)st.st_ino;
	netlink_ask(&question);
}

void
backlog_look(int fd, const struct addr *bound, struct backlog *backlog)
{
	memset(backlog, 0, sizeof(*backlog));
	if (bound->u.sa.sa_family == AF_UNIX)
		look_at_unix(fd, backlog);
	else
		look_at_tcp(bound, backlog);
}

static bool
is_in(const struct backlog *backlog, uint64_t who)
{
	for (size_t i = 0; i < backlog->count; i++)
		if (backlog->who[i] == who)
			return true;
	return false;
}

/* The first client of now that has not closed decides: if it is in the same
 * position as before, nothing has moved.  Clients that have closed cannot be
 * told apart. */
static enum moved
moved_in_order(const struct backlog *before, const struct backlog *now)
{
	if (now->count < before->count)
		return MOVED_YES;
	for (size_t i = 0; i < before->count; i++)
		if (now->who[i] != 0)
			return now->who[i] == before->who[i] ?
			    MOVED_NO :
			    MOVED_YES;
	return MOVED_UNKNOWN;
}

enum moved
backlog_moved(const struct backlog *before, const struct backlog *now)
{
	if (!before->known || !now->known)
		return MOVED_UNKNOWN;
	if (now->ordered)
		return moved_in_order(before, now);
	/* a full list proves nothing about connections that are not in it */
	if (now->count == BACKLOG_SEEN)
		return MOVED_NO;
	for (size_t i = 0; i < before->count; i++)
		if (!is_in(now, before->who[i]))
			return MOVED_YES;
	return MOVED_NO;
}
