/* Join multicast groups by the protocol-independent options of RFC 3678. */
#include "superd/base/membership.h"

#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <string.h>

#include "conf/multicast.h"

#ifndef IPV6_MULTICAST_ALL /* Linux 4.20 */
#define IPV6_MULTICAST_ALL 29
#endif

/* Index 0 leaves the choice to the kernel; -1: the device does not exist. */
static int
find_interface(const struct membership *membership, uint32_t *index)
{
	const struct addr *group = &membership->group;

	*index = group->u.sa.sa_family == AF_INET6 ?
	    group->u.in6.sin6_scope_id :
	    0;
	if (membership->interface[0] == '\0')
		return 0;
	*index = if_nametoindex(membership->interface);
	return *index != 0 ? 0 : -1;
}

static int
join_any(int fd, int level, uint32_t interface,
    const struct membership *membership)
{
	struct group_req request;

	memset(&request, 0, sizeof(request));
	request.gr_interface = interface;
	memcpy(&request.gr_group, &membership->group.u, membership->group.len);
	return setsockopt(fd, level, MCAST_JOIN_GROUP, &request,
	    sizeof(request));
}

static int
join_source(int fd, int level, uint32_t interface,
    const struct membership *membership)
{
	struct group_source_req request;

	memset(&request, 0, sizeof(request));
	request.gsr_interface = interface;
	memcpy(&request.gsr_group, &membership->group.u, membership->group.len);
	memcpy(&request.gsr_source, &membership->source.u,
	    membership->source.len);
	return setsockopt(fd, level, MCAST_JOIN_SOURCE_GROUP, &request,
	    sizeof(request));
}

static int
join(int fd, const struct membership *membership)
{
	int level = membership->group.u.sa.sa_family == AF_INET6 ?
	    IPPROTO_IPV6 :
	    IPPROTO_IP;
	uint32_t interface;
	int result;

	if (find_interface(membership, &interface) != 0)
		return -1;
	result = membership->source.len > 0 ?
	    join_source(fd, level, interface, membership) :
	    join_any(fd, level, interface, membership);
	/* a member of the group, or of the source, already */
	return result != 0 &&
		(errno == EADDRINUSE ||
		    (errno == EADDRNOTAVAIL && membership->source.len > 0)) ?
	    0 :
	    result;
}

/* Old kernels lack the option for IPv6, and deliver the other groups too. */
static void
hear_no_others(int fd, sa_family_t family)
{
	const int off = 0;

	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off,
		    sizeof(off));
}

int
memberships_join(int fd, const struct service *service,
    const struct endpoint *endpoint)
{
	char **groups = service->multicast;
	struct membership membership;
	bool any = membership_of(service, endpoint, &membership);

	if (any && join(fd, &membership) != 0)
		return -1;
	for (; groups != NULL && *groups != NULL; groups++) {
		if (membership_parse(*groups, &membership) != 0 ||
		    !membership_fits(&membership, endpoint))
			continue;
		if (join(fd, &membership) != 0)
			return -1;
		any = true;
	}
	if (any)
		hear_no_others(fd, endpoint->addr.u.sa.sa_family);
	return 0;
}

bool
memberships_any(const struct service *service, const struct endpoint *endpoint)
{
	struct membership membership;

	return service->multicast != NULL ||
	    membership_of(service, endpoint, &membership);
}
