/* Memberships in multicast groups: ip(7), ipv6(7), RFC 3678. */
#ifndef SUPERD_BASE_MEMBERSHIP_H
#define SUPERD_BASE_MEMBERSHIP_H

#include "conf/conf.h"

/*
 * Join the groups of a service that a socket of this endpoint can receive;
 * groups it is a member of already are left as they are.  If there are any,
 * the socket receives no group that only other sockets of this host have
 * joined (IP_MULTICAST_ALL off).  0, or -1 with errno: ENODEV if a device
 * does not exist or no route determines it.
 */
int memberships_join(int fd, const struct service *, const struct endpoint *);
/* Could the endpoint have groups to join? */
bool memberships_any(const struct service *, const struct endpoint *);

#endif
