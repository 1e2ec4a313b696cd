/* Datagrams answered in the loop. */
#include "superd/serve/datagram.h"

#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/xalloc.h"
#include "services/services.h"
#include "superd/base/settings.h"
#include "superd/policy/admit.h"
#include "superd/policy/gate.h"
#include "superd/policy/pause.h"
#include "superd/running/inside.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/renew.h"
#include "superd/running/running_tree.h"
#include "superd/running/sources.h"

enum { BATCH = 16, PORTS = 65536, PRIVILEGED = 1024, CONTROL = 128 };

/* Answers to one address, whatever the service. */
static const struct rate answer_rate = { 50, 5 };

struct packet {
	struct addr from;
	char control[CONTROL] __attribute__((aligned(8)));
	char *bytes; /* DATAGRAM_MAX of room */
};

struct datagrams {
	uint8_t ports[PORTS / 8];
	struct packet packets[BATCH];
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_iov[BATCH], out_iov[BATCH];
};

struct datagrams *
datagrams_new(void)
{
	struct datagrams *datagrams = xcalloc(1, sizeof(*datagrams));

	for (int i = 0; i < BATCH; i++)
		datagrams->packets[i].bytes = xmalloc(DATAGRAM_MAX);
	return datagrams;
}

void
datagrams_free(struct datagrams *datagrams)
{
	if (datagrams == NULL)
		return;
	for (int i = 0; i < BATCH; i++)
		free(datagrams->packets[i].bytes);
	free(datagrams);
}

static void
set_port(struct datagrams *datagrams, uint16_t port)
{
	datagrams->ports[port / 8] |= (uint8_t)(1u << (port % 8));
}

static bool
is_our_port(const struct datagrams *datagrams, uint16_t port)
{
	return (datagrams->ports[port / 8] >> (port % 8)) & 1;
}

void
datagrams_set_ports(struct superd *superd)
{
	struct datagrams *datagrams = superd->datagrams;
	struct running *running;

	memset(datagrams->ports, 0, sizeof(datagrams->ports));
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (running->handler != NULL &&
		    running->service->socktype == SOCK_DGRAM)
			for (size_t i = 0; i < running->nlisteners; i++)
				set_port(datagrams,
				    addr_port(running->listeners[i]->bound));
}

/* Who must never be answered: RFC 1122, 3.2.1.3, and what loops. */
static bool
bad_host_v4(const struct in_addr *host)
{
	uint32_t ip = ntohl(host->s_addr);

	return (ip >> 24) == 0 || IN_MULTICAST(ip) || ip == INADDR_BROADCAST;
}

static bool
bad_source(const struct datagrams *datagrams, const struct addr *from)
{
	uint16_t port = addr_port(from);

	if (from->u.sa.sa_family == AF_UNIX)
		return from->len <= sizeof(sa_family_t);
	if (port < PRIVILEGED || is_our_port(datagrams, port))
		return true;
	if (from->u.sa.sa_family == AF_INET)
		return bad_host_v4(&from->u.in.sin_addr);
	return IN6_IS_ADDR_MULTICAST(&from->u.in6.sin6_addr) ||
	    IN6_IS_ADDR_UNSPECIFIED(&from->u.in6.sin6_addr);
}

static bool
may_answer(struct superd *superd, const struct addr *from, int64_t now)
{
	struct source_entry *source;
	struct prefix client;

	if (superd->options->no_rates || from->u.sa.sa_family == AF_UNIX)
		return true;
	client_of(from, &superd->client_bits, &client);
	source = sources_get(superd->sources, NULL, &client);
	return source != NULL &&
	    bucket_try(&source->answers, &answer_rate, now);
}

static enum refusal
judge(struct running *running, const struct addr *from, int64_t now)
{
	struct superd *superd = running->superd;
	enum refusal refusal;

	/* a sensor answers nobody, and tells of everybody */
	if (!running->service->sensor && bad_source(superd->datagrams, from))
		return REFUSED_LOOP;
	refusal = admit_peer(running, from, now);
	if (refusal != ADMITTED)
		return refusal;
	/* nobody can be asked for a name here */
	if (gate_needed(running, from))
		return REFUSED_ACCESS;
	return may_answer(superd, from, now) ? ADMITTED : REFUSED_ANSWERS;
}

/* Nobody can answer from a group's address; a socket of both families gives
 * one of IPv4 mapped. */
static bool
is_group(const struct in6_addr *host)
{
	struct in_addr v4;

	if (!IN6_IS_ADDR_V4MAPPED(host))
		return IN6_IS_ADDR_MULTICAST(host);
	memcpy(&v4, &host->s6_addr[12], sizeof(v4));
	return bad_host_v4(&v4);
}

/* The address that was asked becomes the one that answers; the interface is
 * left to routing, except where the address itself needs it. */
static void
answer_from(struct msghdr *in, struct msghdr *out)
{
	struct cmsghdr *c;

	out->msg_control = NULL;
	out->msg_controllen = 0;
	for (c = CMSG_FIRSTHDR(in); c != NULL; c = CMSG_NXTHDR(in, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *info = (void *)CMSG_DATA(c);

			info->ipi_ifindex = 0;
			out->msg_control = c;
			out->msg_controllen = CMSG_SPACE(sizeof(*info));
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo *info = (void *)CMSG_DATA(c);

			if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
				info->ipi6_ifindex = 0;
			if (is_group(&info->ipi6_addr))
				return;
			out->msg_control = c;
			out->msg_controllen = CMSG_SPACE(sizeof(*info));
		}
	}
}

/* Where a client of a unix socket may pass descriptors, there is no room for
 * them: whoever gets them has to close them. */
static int
receive(struct datagrams *datagrams, const struct listener *listener)
{
	bool internet = addr_is_internet(listener->bound);

	for (int i = 0; i < BATCH; i++) {
		struct packet *packet = &datagrams->packets[i];
		struct msghdr *msg = &datagrams->in[i].msg_hdr;

		datagrams->in_iov[i].iov_base = packet->bytes;
		datagrams->in_iov[i].iov_len = DATAGRAM_MAX;
		memset(msg, 0, sizeof(*msg));
		memset(&packet->from, 0, sizeof(packet->from));
		msg->msg_name = &packet->from.u;
		msg->msg_namelen = sizeof(packet->from.u);
		msg->msg_iov = &datagrams->in_iov[i];
		msg->msg_iovlen = 1;
		msg->msg_control = internet ? packet->control : NULL;
		msg->msg_controllen = internet ? sizeof(packet->control) : 0;
	}
	return recvmmsg(listener->fd, datagrams->in, BATCH, MSG_DONTWAIT, NULL);
}

/* What the handler makes of packet i becomes answer n. */
static bool
make_answer(struct running *running, int i, int n)
{
	struct datagrams *datagrams = running->superd->datagrams;
	struct packet *packet = &datagrams->packets[i];
	struct msghdr *in = &datagrams->in[i].msg_hdr;
	struct msghdr *out = &datagrams->out[n].msg_hdr;
	ssize_t length;

	length = running->handler->datagram(packet->bytes,
	    datagrams->in[i].msg_len, DATAGRAM_MAX, time(NULL));
	if (length < 0)
		return false;
	memset(out, 0, sizeof(*out));
	out->msg_name = in->msg_name;
	out->msg_namelen = in->msg_namelen;
	datagrams->out_iov[n].iov_base = packet->bytes;
	datagrams->out_iov[n].iov_len = (size_t)length;
	out->msg_iov = &datagrams->out_iov[n];
	out->msg_iovlen = 1;
	answer_from(in, out);
	return true;
}

/* One that cannot be sent (a broadcast source: EACCES; a full buffer) is
 * left out, like one that the network loses. */
static void
send_answers(struct running *running, int fd, int count)
{
	struct datagrams *datagrams = running->superd->datagrams;

	for (int sent = 0; sent < count;) {
		int n = sendmmsg(fd, datagrams->out + sent,
		    (unsigned)(count - sent), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			running->counters.answered += (uint64_t)n;
			sent += n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (errno == EACCES)
			running_count_refusal(running, REFUSED_LOOP);
		sent++;
	}
}

void
datagrams_serve(struct listener *listener)
{
	struct running *running = listener->running;
	struct datagrams *datagrams = running->superd->datagrams;
	int64_t now = loop_now(running->superd->loop);
	int received, answers = 0;

	if (!running_may_start(running, listener))
		return;
	received = receive(datagrams, listener);
	if (received > 0)
		listener_useful(listener);
	else
		listener_futile(listener);
	for (int i = 0; i < received; i++) {
		struct packet *packet = &datagrams->packets[i];
		struct addr peer;
		enum refusal refusal;

		running->counters.datagrams++;
		packet->from.len = datagrams->in[i].msg_hdr.msg_namelen;
		peer = packet->from;
		addr_unmap(&peer);
		refusal = judge(running, &peer, now);
		if (refusal != ADMITTED)
			running_refuse(running, &peer, refusal);
		else if (make_answer(running, i, answers))
			answers++;
		bucket_take(&running->starts, &running->service->limits.rate,
		    now);
	}
	send_answers(running, listener->fd, answers);
	inside_counted(running);
}
