/*
 * A socket is identified by its cookie, which the kernel never uses again.
 * Internet sockets are looked up by address first, which is fast; if that
 * finds a different socket or none, all sockets with the port are searched.
 */
#include "superd/base/sockdiag.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "superd/base/netlink.h"

enum { SHUT_READ_BIT = 1, SHUT_WRITE_BIT = 2 }; /* sk_shutdown */

enum { OF_UNIX, OF_TCP, OF_UDP, KINDS };

struct look {
	uint32_t cookie[2];
	bool found;
	struct sockdiag_state *state;
};

/* Kinds that the kernel has turned out not to show. */
static bool never[KINDS];

static bool
is_cookie(const struct look *look, const uint32_t *cookie)
{
	return look->cookie[0] == cookie[0] && look->cookie[1] == cookie[1];
}

static void
take_shutdown(struct sockdiag_state *state, const void *body, size_t fixed,
    size_t length, uint16_t type)
{
	struct netlink_attribute bits;

	if (!netlink_attribute(body, fixed, length, type, &bits) ||
	    bits.length == 0)
		return;
	state->shut_read = (bits.bytes[0] & SHUT_READ_BIT) != 0;
	state->shut_write = (bits.bytes[0] & SHUT_WRITE_BIT) != 0;
}

static void
take_internet(void *arg, uint16_t type, const void *body, size_t length)
{
	const struct inet_diag_msg *message = body;
	struct look *look = arg;

	if (type != SOCK_DIAG_BY_FAMILY || length < sizeof(*message) ||
	    !is_cookie(look, message->id.idiag_cookie))
		return;
	look->found = true;
	look->state->connected = message->id.idiag_dport != 0;
	look->state->waiting = message->idiag_rqueue;
	take_shutdown(look->state, body, sizeof(*message), length,
	    INET_DIAG_SHUTDOWN);
}

static void
take_unix(void *arg, uint16_t type, const void *body, size_t length)
{
	const struct unix_diag_msg *message = body;
	struct unix_diag_rqlen queue = { 0 };
	struct netlink_attribute found;
	struct look *look = arg;

	if (type != SOCK_DIAG_BY_FAMILY || length < sizeof(*message) ||
	    !is_cookie(look, message->udiag_cookie))
		return;
	look->found = true;
	if (netlink_attribute(body, sizeof(*message), length, UNIX_DIAG_RQLEN,
		&found) &&
	    found.length >= sizeof(queue))
		memcpy(&queue, found.bytes, sizeof(queue));
	look->state->waiting = queue.udiag_rqueue;
	look->state->connected = netlink_attribute(body, sizeof(*message),
	    length, UNIX_DIAG_PEER, &found);
	take_shutdown(look->state, body, sizeof(*message), length,
	    UNIX_DIAG_SHUTDOWN);
}

/* The kernel looks up UDP sockets by the addresses of an incoming datagram,
 * and TCP sockets by their own. */
static void
put_addresses(struct inet_diag_sockid *id, const struct addr *bound, bool tcp)
{
	id->idiag_sport = htons(addr_port(bound));
	if (bound->u.sa.sa_family == AF_INET6)
		memcpy(id->idiag_src, &bound->u.in6.sin6_addr,
		    sizeof(id->idiag_src));
	else
		id->idiag_src[0] = bound->u.in.sin_addr.s_addr;
	if (bound->u.sa.sa_family == AF_INET6)
		id->idiag_if = bound->u.in6.sin6_scope_id;
	if (tcp)
		return;
	id->idiag_dport = id->idiag_sport;
	memcpy(id->idiag_dst, id->idiag_src, sizeof(id->idiag_dst));
}

static int
ask_internet(struct look *look, const struct addr *bound, int kind, bool all)
{
	struct inet_diag_req_v2 request = {
		.sdiag_family = (uint8_t)bound->u.sa.sa_family,
		.sdiag_protocol = kind == OF_TCP ? IPPROTO_TCP : IPPROTO_UDP,
		.idiag_states = kind == OF_TCP ? 1u << TCP_LISTEN : ~0u
	};
	const struct netlink_question question = { .type = SOCK_DIAG_BY_FAMILY,
		.flags = all ? NLM_F_DUMP : 0,
		.body = &request,
		.length = sizeof(request),
		.part = take_internet,
		.arg = look };

	if (all)
		request.id.idiag_sport = htons(addr_port(bound));
	else {
		put_addresses(&request.id, bound, kind == OF_TCP);
		memcpy(request.id.idiag_cookie, look->cookie,
		    sizeof(look->cookie));
	}
	return netlink_ask(&question);
}

static int
ask_unix(struct look *look, int fd)
{
	struct unix_diag_req request = { .sdiag_family = AF_UNIX,
		.udiag_states = ~0u,
		.udiag_show = UDIAG_SHOW_RQLEN | UDIAG_SHOW_PEER };
	const struct netlink_question question = { .type = SOCK_DIAG_BY_FAMILY,
		.body = &request,
		.length = sizeof(request),
		.part = take_unix,
		.arg = look };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	request.udiag_ino = (uint32_t)st.st_ino;
	memcpy(request.udiag_cookie, look->cookie, sizeof(look->cookie));
	return netlink_ask(&question);
}

static int
kind_of(int fd, int socktype, const struct addr *bound)
{
	int protocol = 0;
	socklen_t length = sizeof(protocol);

	if (bound->u.sa.sa_family == AF_UNIX)
		return OF_UNIX;
	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) != 0)
		return KINDS;
	if (socktype == SOCK_STREAM && protocol == IPPROTO_TCP)
		return OF_TCP;
	return socktype == SOCK_DGRAM && protocol == IPPROTO_UDP ?
	    OF_UDP :
	    KINDS;
}

static bool
may_pass(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == EAGAIN ||
	    error == EINTR || error == EMFILE || error == ENFILE ||
	    error == EMSGSIZE;
}

static enum sockdiag
look_at(struct look *look, int fd, int kind, const struct addr *bound)
{
	int error = kind == OF_UNIX ?
	    ask_unix(look, fd) :
	    ask_internet(look, bound, kind, false);

	/* ENOENT: there is no such socket, or the kernel cannot show this
	 * kind at all; the second request tells which */
	if (kind != OF_UNIX && !look->found && !may_pass(error))
		error = ask_internet(look, bound, kind, true);
	if (look->found)
		return SOCKDIAG_SEEN;
	if (may_pass(error))
		return SOCKDIAG_LATER;
	if (error == 0)
		return SOCKDIAG_MOVED;
	never[kind] = true;
	return SOCKDIAG_NEVER;
}

enum sockdiag
sockdiag_look(int fd, int socktype, const struct addr *bound,
    struct sockdiag_state *state)
{
	struct look look = { .state = state };
	socklen_t length = sizeof(look.cookie);
	int kind = kind_of(fd, socktype, bound);

	memset(state, 0, sizeof(*state));
	if (kind == KINDS || never[kind] ||
	    getsockopt(fd, SOL_SOCKET, SO_COOKIE, look.cookie, &length) != 0)
		return SOCKDIAG_NEVER;
	return look_at(&look, fd, kind, bound);
}
