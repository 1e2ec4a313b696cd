/*
 * Access rules as a program of the kernel's: a classic BPF filter for
 * SO_ATTACH_FILTER, socket(7), which looks at where a packet comes from.  So
 * they hold for a socket that somebody else has, too.  Pure.
 */
#ifndef CONF_FILTER_H
#define CONF_FILTER_H

#include <linux/filter.h>

#include "conf/conf.h"

/*
 * The kernel takes BPF_MAXINSNS, but no more memory for a socket than
 * net.core.optmem_max: this many fit into 20 KiB, which it was for long.
 * They are enough for some 700 networks.
 */
enum { FILTER_MAX = BPF_MAXINSNS / 8 * 3 };

struct filter {
	unsigned short count; /* 0: every packet passes */
	struct sock_filter code[FILTER_MAX];
};

/*
 * Packets of IPv4 and IPv6 pass where acl_decide() allows their source.  One
 * that says to come from an IPv4 address inside of IPv6 does not.  NULL, or
 * why the rules cannot be made a filter.
 */
const char *filter_make(const struct acl *, struct filter *);

/*
 * Where a server accepts connections itself, the kernel checks its clients.
 * NULL if it can, or if there is nothing to check; or else what stands against
 * that.
 */
const char *filter_impossible(const struct service *);
/*
 * What all sockets of a service have; of count 0 where that is none.  One of
 * datagrams whose lists cannot be a filter has none: its first datagram is
 * checked alone.
 */
void filter_of(const struct service *, struct filter *);

#endif
