/* Dumps of sock_diag(7). */
#include "superd/base/sockdiag_all.h"

#include <sys/socket.h>
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"
#include "superd/base/netlink.h"

/* States of the kernel, include/net/tcp_states.h, that <netinet/tcp.h> has, but
 * not beside <linux/tcp.h>. */
enum { STATE_SYN_RECV = 3, STATE_TIME_WAIT = 6, STATE_LISTEN = 10 };

static void
take_addr(struct addr *addr, unsigned family, const __be32 *bytes,
    uint16_t port)
{
	memset(addr, 0, sizeof(*addr));
	addr_any((sa_family_t)family, ntohs(port), addr);
	if (family == AF_INET6)
		memcpy(&addr->u.in6.sin6_addr, bytes,
		    sizeof(addr->u.in6.sin6_addr));
	else
		addr->u.in.sin_addr.s_addr = bytes[0];
}

static bool
is_of_family(unsigned family)
{
	return family == AF_INET || family == AF_INET6;
}

/* Both families, one after the other.  extensions: bits of INET_DIAG_... */
static int
dump(uint32_t states, uint8_t extensions, netlink_part_fn *part, void *arg)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	int error = 0;

	netlink_start_over();
	for (size_t i = 0; error == 0 && i < sizeof(families); i++) {
		const struct inet_diag_req_v2 request = {
			.sdiag_family = families[i],
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = extensions,
			.idiag_states = states
		};
		const struct netlink_question question = {
			.type = SOCK_DIAG_BY_FAMILY,
			.flags = NLM_F_DUMP,
			.body = &request,
			.length = sizeof(request),
			.part = part,
			.arg = arg,
			.whole = true
		};

		error = netlink_ask(&question);
	}
	return error;
}

/* Listening. */

static void
take_queue(void *arg, uint16_t type, const void *body, size_t length)
{
	const struct inet_diag_msg *message = body;
	struct sockdiag_queues *queues = arg;
	struct sockdiag_queue *one;

	if (type != SOCK_DIAG_BY_FAMILY || length < sizeof(*message) ||
	    !is_of_family(message->idiag_family))
		return;
	queues->list = xgrow(queues->list, queues->count, sizeof(*one));
	one = &queues->list[queues->count++];
	take_addr(&one->bound, message->idiag_family, message->id.idiag_src,
	    message->id.idiag_sport);
	one->waiting = message->idiag_rqueue;
}

static int
compare_queues(const void *a, const void *b)
{
	const struct sockdiag_queue *qa = a, *qb = b;

	return addr_compare(&qa->bound, &qb->bound);
}

int
sockdiag_queues(struct sockdiag_queues *queues)
{
	int error;

	memset(queues, 0, sizeof(*queues));
	error = dump(1u << STATE_LISTEN, 0, take_queue, queues);
	if (queues->count > 0)
		qsort(queues->list, queues->count, sizeof(*queues->list),
		    compare_queues);
	return error;
}

const struct sockdiag_queue *
sockdiag_queue_of(const struct sockdiag_queues *queues,
    const struct addr *bound)
{
	struct sockdiag_queue key = { .bound = *bound };

	if (queues->count == 0 || !addr_is_internet(bound))
		return NULL;
	if (bound->u.sa.sa_family == AF_INET6)
		key.bound.u.in6.sin6_scope_id = 0;
	return bsearch(&key, queues->list, queues->count, sizeof(key),
	    compare_queues);
}

/* Connections. */

static void
take_info(struct sockdiag_traffic *traffic, const void *body, size_t length)
{
	struct netlink_attribute found;
	struct tcp_info info;
	size_t size = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (!netlink_attribute(body, sizeof(struct inet_diag_msg), length,
		INET_DIAG_INFO, &found))
		return;
	memcpy(&info, found.bytes, found.length < size ? found.length : size);
	traffic->in = info.tcpi_bytes_received;
	traffic->out = info.tcpi_bytes_acked;
}

static void
take_traffic(void *arg, uint16_t type, const void *body, size_t length)
{
	const struct inet_diag_msg *message = body;
	struct sockdiag_traffics *traffics = arg;
	struct sockdiag_traffic *one;

	if (type != SOCK_DIAG_BY_FAMILY || length < sizeof(*message) ||
	    !is_of_family(message->idiag_family))
		return;
	traffics->list = xgrow(traffics->list, traffics->count, sizeof(*one));
	one = &traffics->list[traffics->count++];
	memset(one, 0, sizeof(*one));
	take_addr(&one->local, message->idiag_family, message->id.idiag_src,
	    message->id.idiag_sport);
	take_addr(&one->peer, message->idiag_family, message->id.idiag_dst,
	    message->id.idiag_dport);
	addr_unmap(&one->local);
	addr_unmap(&one->peer);
	take_info(one, body, length);
}

static int
compare_peers(const void *a, const void *b)
{
	const struct sockdiag_traffic *ta = a, *tb = b;

	return addr_compare(&ta->peer, &tb->peer);
}

int
sockdiag_traffics(struct sockdiag_traffics *traffics)
{
	const uint32_t without = 1u << STATE_LISTEN | 1u << STATE_SYN_RECV |
	    1u << STATE_TIME_WAIT;
	int error;

	memset(traffics, 0, sizeof(*traffics));
	error = dump(~without, 1u << (INET_DIAG_INFO - 1), take_traffic,
	    traffics);
	if (traffics->count > 0)
		qsort(traffics->list, traffics->count, sizeof(*traffics->list),
		    compare_peers);
	return error;
}

const struct sockdiag_traffic *
sockdiag_traffic_of(const struct sockdiag_traffics *traffics,
    const struct addr *peer, uint16_t port)
{
	struct sockdiag_traffic key = { .peer = *peer };
	const struct sockdiag_traffic *one, *end;

	if (traffics->count == 0 || !addr_is_internet(peer))
		return NULL;
	if (peer->u.sa.sa_family == AF_INET6)
		key.peer.u.in6.sin6_scope_id = 0;
	end = traffics->list + traffics->count;
	one = bsearch(&key, traffics->list, traffics->count, sizeof(key),
	    compare_peers);
	while (one != NULL && one > traffics->list &&
	    compare_peers(one - 1, &key) == 0)
		one--;
	for (; one != NULL && one < end && compare_peers(one, &key) == 0; one++)
		if (addr_port(&one->local) == port)
			return one;
	return NULL;
}
