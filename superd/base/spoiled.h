/*
 * Sockets that others had: is one still what was bound?  A server, or a
 * process that it left behind, shares the open file description, and may have
 * shut the socket down, connected or closed it.  Knows descriptors only.
 * shutdown(2), connect(2), poll(2) POLLRDHUP, ip(7) IP_RECVERR.
 */
#ifndef SUPERD_BASE_SPOILED_H
#define SUPERD_BASE_SPOILED_H

#include <sys/types.h>
#include <stdbool.h>

#include "conf/addr.h"

/*
 * NULL: it is good.  Otherwise what is wrong with it, to be logged, and only a
 * new socket can help: putting it right might have to wait for others.  Where
 * that cannot be, it is done: errors that would wake us for ever are read, a
 * unix socket of datagrams is disconnected.  Never waits itself, but where
 * the kernel does not show its sockets (sockdiag.h).
 */
const char *socket_spoiled(int fd, int socktype, const struct addr *bound);
/* SOCK_STREAM and SOCK_SEQPACKET: it listens, and is accepted from. */
bool socktype_listens(int socktype);

#endif
