/* Memberships in multicast groups: ip(7), ipv6(7), RFC 3678. */
#ifndef SUPERD_BASE_MEMBERSHIP_H
#define SUPERD_BASE_MEMBERSHIP_H

#include "conf/conf.h"

/*
 * Join the groups that a service asks for and a socket of this endpoint can
 * hear, or those that it is not in yet; others that this host is in do not
 * come to it then.  -1 with errno: ENODEV where a device is not there, or no
 * route tells which it is.
 */
int memberships_join(int fd, const struct service *, const struct endpoint *);
/* May there be any to join? */
bool memberships_any(const struct service *, const struct endpoint *);

#endif
