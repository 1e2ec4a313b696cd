/*
 * What the daemon tells an internal process after its start: orders, each a
 * message of a socket pair, some with a descriptor.  Services go by their
 * numbers among those that the process knows; connections by theirs.
 */
#ifndef SUPERD_SERVE_ORDER_H
#define SUPERD_SERVE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"
#include "services/tunnel.h"
#include "superd/running/denylist.h"

enum order_kind {
	ORDER_SERVE,	/* a connection: id, addrs[0] its peer, addrs[1]
			 * where its client has connected to, if a proxy has
			 * told that; with it */
	ORDER_LISTEN,	/* with the socket of a listener */
	ORDER_UNLISTEN, /* a listener */
	ORDER_STARTED,	/* somewhere else: id, addrs[0] its peer */
	ORDER_ENDED,	/* there: id */
	ORDER_DENY,	/* denied */
	ORDER_ALLOW,	/* denied.client is no more */
	ORDER_PLACES,	/* some may be free that it waits for: tally.h */
	ORDER_FOUND,	/* addresses of a redirected service's host */
	ORDER_PAGE,	/* with the text that connection id waits for */
	ORDER_CUT,	/* the connection id: end it */
	ORDER_RETIRE	/* listen no more, and end with the last one */
};

struct order {
	uint32_t kind;
	uint32_t service;
	uint32_t id;
	uint32_t naddrs; /* so many are sent */
	struct denied denied;
	uint64_t listener; /* its address, which is the same in both */
	struct addr addrs[TUNNEL_TARGETS];
};

/* Octets of one with its addresses. */
static inline size_t
order_size(const struct order *order)
{
	return offsetof(struct order, addrs) +
	    order->naddrs * sizeof(order->addrs[0]);
}

struct received {
	struct order order;
	int fd;	   /* the caller's; -1: none */
	bool lost; /* there was one, but no room for it in this process */
};

enum order_result {
	ORDER_ONE,
	ORDER_NONE,   /* now */
	ORDER_BROKEN, /* not of the form above; it was dropped */
	ORDER_CLOSED  /* the daemon has ended */
};

/* In the internal process: read one order.  Never blocks. */
enum order_result order_read(int channel, struct received *);

#endif
