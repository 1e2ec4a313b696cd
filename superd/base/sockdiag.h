/*
 * The state of sockets by sock_diag(7).  Unlike getsockname(2) and the like,
 * it does not take the lock of the socket, which a process that shares the
 * socket can hold for as long as it likes: with a corked sendto(2) and a full
 * buffer, or with an option whose value is in memory backed by a file system
 * of its own.
 */
#ifndef SUPERD_BASE_SOCKDIAG_H
#define SUPERD_BASE_SOCKDIAG_H

#include <stdbool.h>

#include "conf/addr.h"

enum sockdiag {
	SOCKDIAG_SEEN,	/* the state is filled in */
	SOCKDIAG_MOVED, /* no longer bound to this address */
	SOCKDIAG_LATER, /* unknown for now, for lack of memory or the like */
	SOCKDIAG_NEVER	/* this kernel cannot show such sockets */
};

struct sockdiag_state {
	bool shut_read, shut_write;
	bool connected;	  /* datagram sockets: to a peer */
	unsigned waiting; /* listening sockets: length of the queue */
};

/* Look up one of our sockets; socktype is SOCK_..., bound is the address that
 * it was bound to.  Never blocks. */
enum sockdiag sockdiag_look(int fd, int socktype, const struct addr *bound,
    struct sockdiag_state *);

#endif
