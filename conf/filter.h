/*
 * Access rules as a classic BPF program for SO_ATTACH_FILTER, socket(7), which
 * checks the source address of packets.  So the kernel applies them to sockets
 * whose connections a server accepts itself.  Pure.
 */
#ifndef CONF_FILTER_H
#define CONF_FILTER_H

#include <linux/filter.h>

#include "conf/conf.h"

/*
 * The kernel takes BPF_MAXINSNS instructions, but a socket's memory for them is
 * bounded by net.core.optmem_max, which has long been 20 KiB by default: this
 * many fit, enough for some 700 networks.
 */
enum { FILTER_MAX = BPF_MAXINSNS / 8 * 3 };

struct filter {
	unsigned short count; /* 0: every packet passes */
	struct sock_filter code[FILTER_MAX];
};

/*
 * Make a program that passes IPv4 and IPv6 packets whose source acl_decide()
 * allows, but no IPv6 packet with an IPv4-mapped source.  NULL, or why the
 * rules cannot be a program.
 */
const char *filter_make(const struct acl *, struct filter *);
/* Why the kernel cannot check the clients of a service that accepts connections
 * itself; NULL if it can, or does not have to. */
const char *filter_impossible(const struct service *);
/* The program for all sockets of a service, with count 0 if it needs none.  A
 * datagram service whose rules cannot be a program has none either: superd
 * checks the first datagram. */
void filter_of(const struct service *, struct filter *);

#endif
