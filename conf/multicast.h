/* Multicast groups that a service joins: "224.0.1.1", "ff02::fb@eth0" or, for
 * one source, "232.1.2.3 from 192.0.2.9".  ip(7), ipv6(7).  Pure. */
#ifndef CONF_MULTICAST_H
#define CONF_MULTICAST_H

#include <net/if.h>

#include "conf/conf.h"

struct membership {
	struct addr group, source;   /* source.len 0: from anybody */
	char interface[IF_NAMESIZE]; /* "": the kernel's choice */
};

/* Parse GROUP[@INTERFACE][ from SOURCE].  0 or -1. */
int membership_parse(const char *text, struct membership *);
/* The membership of a socket that is bound to a group, on the service's
 * interface or the one of the address's scope.  False: the address is not a
 * multicast address. */
bool membership_of(const struct service *, const struct endpoint *,
    struct membership *);
/* Can datagrams to this group reach a socket of this endpoint? */
bool membership_fits(const struct membership *, const struct endpoint *);

#endif
