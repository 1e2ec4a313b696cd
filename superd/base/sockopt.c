/* Set and read socket options. */
#include "superd/base/sockopt.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <net/if.h>

#include <errno.h>
#include <string.h>

#include "conf/filter.h"
#include "conf/service.h"
#include "services/services.h"
#include "superd/base/membership.h"
#include "superd/base/sockopt_more.h"

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/* Handlers ask for small buffers: by default the kernel would hold megabytes
 * for a client that never reads. */
struct buffers
sockopt_buffers(const struct service *service)
{
	struct buffers buffers = { service->rcvbuf, service->sndbuf };
	const struct handler *handler = NULL;

	if (service->internal != NULL && service->socktype == SOCK_STREAM)
		handler = handler_find(service->internal);
	if (handler != NULL && buffers.receive == 0)
		buffers.receive = handler->rcvbuf;
	if (handler != NULL && buffers.send == 0)
		buffers.send = handler->sndbuf;
	return buffers;
}

/* Options that can be set at any time.  A fresh socket has the defaults
 * already. */
static int
set_soft_options(int fd, const struct service *service, bool fresh)
{
	const struct buffers buffers = sockopt_buffers(service);
	bool tcp = service->protocol == IPPROTO_TCP;

	/* accepted sockets inherit all of these */
	if (buffers.receive != 0 &&
	    set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)buffers.receive) != 0)
		return -1;
	if (buffers.send != 0 &&
	    set_int(fd, SOL_SOCKET, SO_SNDBUF, (int)buffers.send) != 0)
		return -1;
	if (tcp && (!fresh || service->nodelay) &&
	    set_int(fd, IPPROTO_TCP, TCP_NODELAY, service->nodelay) != 0)
		return -1;
	if (tcp && (!fresh || service->keepalive) &&
	    set_int(fd, SOL_SOCKET, SO_KEEPALIVE, service->keepalive) != 0)
		return -1;
	return sockopt_set_more(fd, service);
}

/* So that an answer leaves from the address that was asked: one that the
 * socket is bound to is it anyway, and costs less. */
static int
set_packet_info(int fd, const struct addr *addr)
{
	sa_family_t family = addr->u.sa.sa_family;

	if (!addr_is_any(addr) && !addr_is_multicast(addr))
		return 0;
	if (family == AF_INET)
		return set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
	if (family == AF_INET6)
		return set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	return 0;
}

/* Lock the filter: the server that gets the socket could detach it. */
static int
set_filter(int fd, const struct service *service)
{
	struct filter filter;
	struct sock_fprog program = { 0, filter.code };

	filter_of(service, &filter);
	program.len = filter.count;
	if (filter.count == 0)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		sizeof(program)) != 0)
		return -1;
	return set_int(fd, SOL_SOCKET, SO_LOCK_FILTER, 1);
}

/*
 * No SO_REUSEADDR on datagram sockets: it would let a second one be bound
 * beside a wait server that is still answering on the first.
 */
int
sockopt_set(int fd, const struct service *service,
    const struct endpoint *endpoint)
{
	/* raw sockets never serve both families */
	if (endpoint->addr.u.sa.sa_family == AF_INET6 &&
	    service->socktype != SOCK_RAW &&
	    set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, endpoint->v6only) != 0)
		return -1;
	return sockopt_set_bound(fd, service, endpoint);
}

int
sockopt_set_bound(int fd, const struct service *service,
    const struct endpoint *endpoint)
{
	sa_family_t family = endpoint->addr.u.sa.sa_family;
	struct timespec none;

	if (family != AF_UNIX && service->socktype == SOCK_STREAM &&
	    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0)
		return -1;
	if (service->interface != NULL &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, service->interface,
		(socklen_t)strlen(service->interface) + 1) != 0)
		return -1;
	if (service->internal != NULL && service->socktype == SOCK_DGRAM &&
	    set_packet_info(fd, &endpoint->addr) != 0)
		return -1;
	if (set_filter(fd, service) != 0 ||
	    memberships_join(fd, service, endpoint) != 0)
		return -1;
	/* record times of arrival, which makes every packet of this host
	 * slightly more expensive */
	if (service_lends_socket(service) && service->socktype == SOCK_DGRAM)
		ioctl(fd, SIOCGSTAMPNS, &none);
	return set_soft_options(fd, service, true);
}

int
sockopt_share(int fd, bool on)
{
	return set_int(fd, SOL_SOCKET, SO_REUSEADDR, on);
}

int
sockopt_adjust(int fd, const struct service *service)
{
	return set_soft_options(fd, service, false);
}

/* The first call makes the kernel record times of arrival.  For a datagram
 * without one it returns the current time. */
bool
sockopt_stamp(int fd, const struct timespec *since, struct timespec *stamp)
{
	if (ioctl(fd, SIOCGSTAMPNS, stamp) != 0)
		return false;
	return stamp->tv_sec < since->tv_sec ||
	    (stamp->tv_sec == since->tv_sec && stamp->tv_nsec < since->tv_nsec);
}

void
sockopt_stamp_messages(int fd, bool on)
{
	set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, on);
}

/* The kernel remembers the index of the device, which it does not reuse. */
bool
sockopt_lost_device(int fd, const char *name)
{
	char bound[IF_NAMESIZE] = "";
	socklen_t length = sizeof(bound);

	if (getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, bound, &length) != 0)
		return errno == ENODEV;
	return name != NULL && strncmp(bound, name, sizeof(bound) - 1) != 0;
}

uint64_t
sockopt_dropped(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t length = sizeof(info);

	if (fd < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &length) != 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}
