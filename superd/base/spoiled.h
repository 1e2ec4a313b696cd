/*
 * Spoiled sockets: is a socket that a server has used still fit to be
 * listened on?  A server, or a process that it left behind, shares the open
 * file description and may have shut the socket down or connected it.  Knows
 * descriptors only.  shutdown(2), connect(2), poll(2) POLLRDHUP, ip(7)
 * IP_RECVERR.
 */
#ifndef SUPERD_BASE_SPOILED_H
#define SUPERD_BASE_SPOILED_H

#include <sys/types.h>
#include <stdbool.h>

#include "conf/addr.h"

/*
 * Check one of our sockets; bound is the address that it was bound to.  NULL:
 * it is fit for use.  Otherwise a constant text for the log, and the socket
 * must be replaced, since repairing it could block.  What can be repaired
 * without blocking is: pending errors, which would wake the loop for ever, are
 * read, and a unix datagram socket is disconnected.  Never blocks, unless the
 * kernel does not show such sockets (sockdiag.h).
 */
const char *socket_spoiled(int fd, int socktype, const struct addr *bound);
/* SOCK_STREAM and SOCK_SEQPACKET, whose sockets listen(2). */
bool socktype_listens(int socktype);

#endif
