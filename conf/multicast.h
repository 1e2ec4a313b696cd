/*
 * Groups of hosts that datagrams are sent to, as a service asks for them:
 * "224.0.1.1", "ff02::fb@eth0", "232.1.2.3 from 192.0.2.9".  Pure.
 */
#ifndef CONF_MULTICAST_H
#define CONF_MULTICAST_H

#include <net/if.h>

#include "conf/conf.h"

struct membership {
	struct addr group, source;   /* source.len 0: from anybody */
	char interface[IF_NAMESIZE]; /* "": the kernel's choice */
};

/* GROUP[@INTERFACE][ from SOURCE]; -1 if text is none. */
int membership_parse(const char *text, struct membership *);
/*
 * The one that a socket has for the address that it is bound to: false if
 * that is no group.  Its device is the service's, or the scope of the address.
 */
bool membership_of(const struct service *, const struct endpoint *,
    struct membership *);
/* Could datagrams for this group come to that socket? */
bool membership_fits(const struct membership *, const struct endpoint *);

#endif
