/* Socket options, one row for each. */
#include "superd/base/sockopt_more.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <string.h>

#include "conf/socket_options.h"

/* An IPv6 socket that serves IPv4 too has the names of both. */
static const struct row {
	enum option_id option;
	int level, name;   /* of all, or of IPv4 */
	int level6, name6; /* of IPv6; 0: as the other */
	bool first;	   /* before bind(2) */
	unsigned factor;   /* from the unit of superd.conf */
} rows[] = {
	{ OPTION_MARK, SOL_SOCKET, SO_MARK, 0, 0, false, 1 },
	{ OPTION_TOS, IPPROTO_IP, IP_TOS, IPPROTO_IPV6, IPV6_TCLASS, false, 1 },
	{ OPTION_TTL, IPPROTO_IP, IP_TTL, IPPROTO_IPV6, IPV6_UNICAST_HOPS,
	    false, 1 },
	{ OPTION_FREEBIND, IPPROTO_IP, IP_FREEBIND, 0, 0, true, 1 },
	{ OPTION_TRANSPARENT, IPPROTO_IP, IP_TRANSPARENT, IPPROTO_IPV6,
	    IPV6_TRANSPARENT, true, 1 },
	{ OPTION_DEFER_ACCEPT, IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 0, false, 1 },
	{ OPTION_KEEPALIVE_TIME, IPPROTO_TCP, TCP_KEEPIDLE, 0, 0, false, 1 },
	{ OPTION_KEEPALIVE_INTERVAL, IPPROTO_TCP, TCP_KEEPINTVL, 0, 0, false,
	    1 },
	{ OPTION_KEEPALIVE_PROBES, IPPROTO_TCP, TCP_KEEPCNT, 0, 0, false, 1 },
	{ OPTION_USER_TIMEOUT, IPPROTO_TCP, TCP_USER_TIMEOUT, 0, 0, false,
	    1000 },
};

static const struct row *
row_of(enum option_id option)
{
	const struct row *row = rows;

	while (row->option != option)
		row++;
	return row;
}

static sa_family_t
family_of(int fd)
{
	int domain = AF_UNSPEC;
	socklen_t length = sizeof(domain);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
	return (sa_family_t)domain;
}

static int
set_one(int fd, int level, int name, unsigned value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static int
set_row(int fd, const struct row *row, unsigned value)
{
	sa_family_t family = row->level6 != 0 ? family_of(fd) : AF_INET;

	if (family == AF_INET6 &&
	    set_one(fd, row->level6, row->name6, value) != 0)
		return -1;
	/* raw sockets of IPv6 know nothing of IPv4 */
	if (set_one(fd, row->level, row->name, value) != 0)
		return family == AF_INET6 ? 0 : -1;
	return 0;
}

/* Probes that are asked for are sent. */
static bool
is_of_keepalive(enum option_id option)
{
	return option >= OPTION_KEEPALIVE_TIME &&
	    option <= OPTION_KEEPALIVE_PROBES;
}

int
sockopt_set_more(int fd, const struct service *service)
{
	for (size_t i = 0; i < service->noptions; i++) {
		const struct socket_option *option = &service->options[i];
		const struct row *row = row_of(option->option);

		if (set_row(fd, row, option->value * row->factor) != 0)
			return -1;
		if (is_of_keepalive(option->option) &&
		    set_one(fd, SOL_SOCKET, SO_KEEPALIVE, 1) != 0)
			return -1;
	}
	return 0;
}

static bool
has(const struct socket_option *list, size_t count, enum option_id option)
{
	return socket_option_find(list, count, option) != NULL;
}

bool
sockopt_more_fits(const struct socket_option *list, size_t count,
    const struct service *service)
{
	for (size_t i = 0; i < count; i++)
		if (!has(service->options, service->noptions, list[i].option))
			return false;
	for (size_t i = 0; i < service->noptions; i++)
		if (row_of(service->options[i].option)->first &&
		    !has(list, count, service->options[i].option))
			return false;
	return true;
}
