/*
 * All TCP sockets of this network namespace, by sock_diag(7): who asks has
 * time, and is a process of its own, since there may be very many.
 */
#ifndef SUPERD_BASE_SOCKDIAG_ALL_H
#define SUPERD_BASE_SOCKDIAG_ALL_H

#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"

/* A listening socket; addresses have no scope. */
struct sockdiag_queue {
	struct addr bound;
	unsigned waiting; /* connections that are not accepted yet */
};

struct sockdiag_queues {
	struct sockdiag_queue *list; /* malloc'd, sorted by address */
	size_t count;
};

/* A connection; IPv4 in IPv6 is IPv4. */
struct sockdiag_traffic {
	struct addr local, peer;
	uint64_t in, out; /* octets received, and sent and acknowledged */
};

struct sockdiag_traffics {
	struct sockdiag_traffic *list; /* malloc'd, sorted by peer */
	size_t count;
};

/* 0, or an errno: there may be some, sorted, or none.  Only in a process that
 * was forked and asks nothing else of netlink.h. */
int sockdiag_queues(struct sockdiag_queues *);
int sockdiag_traffics(struct sockdiag_traffics *);
/* Find one of them, or NULL; the address may have a scope. */
const struct sockdiag_queue *sockdiag_queue_of(const struct sockdiag_queues *,
    const struct addr *bound);
/* The connection from a peer to one of our ports. */
const struct sockdiag_traffic *
sockdiag_traffic_of(const struct sockdiag_traffics *, const struct addr *peer,
    uint16_t port);

#endif
