/*
 * Sockets as the kernel shows them to everybody: sock_diag(7).  Unlike
 * getsockname(2) and its like, this never waits for the lock of a socket,
 * which whoever has it too can hold for as long as it likes: by a corked
 * sendto(2) with a full buffer, or by an option whose value is in memory that
 * a file system of its own provides.
 */
#ifndef SUPERD_BASE_SOCKDIAG_H
#define SUPERD_BASE_SOCKDIAG_H

#include <stdbool.h>

#include "conf/addr.h"

enum sockdiag {
	SOCKDIAG_SEEN,
	SOCKDIAG_MOVED, /* it is not bound there any more */
	SOCKDIAG_LATER, /* cannot be told now: no memory, say */
	SOCKDIAG_NEVER	/* this kernel does not show such sockets */
};

struct sockdiag_state {
	bool shut_read, shut_write;
	bool connected;	  /* of datagrams: to a peer */
	unsigned waiting; /* in the queue of one that listens */
};

/* Look at an open socket of ours that was bound there. */
enum sockdiag sockdiag_look(int fd, int socktype, const struct addr *bound,
    struct sockdiag_state *);

#endif
