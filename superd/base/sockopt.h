/*
 * What a socket of a service is given besides its address.  socket(7), ip(7),
 * ipv6(7), tcp(7).
 */
#ifndef SUPERD_BASE_SOCKOPT_H
#define SUPERD_BASE_SOCKOPT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "conf/conf.h"

/* Octets; 0: the system's default. */
struct buffers {
	unsigned receive, send;
};

/* Those of its sockets: what the configuration says, or its handler needs. */
struct buffers sockopt_buffers(const struct service *);
/* All that a new one needs before it is bound.  -1 with errno. */
int sockopt_set(int fd, const struct service *, const struct endpoint *);
/* What an open one can be given: as if it were made for this service.  May
 * have to wait if others have it. */
int sockopt_adjust(int fd, const struct service *);
/* May another socket be bound to the same address, if that one allows it
 * too? */
int sockopt_share(int fd, bool);
/* When the datagram that was just looked at arrived, of a socket that was
 * made to lend and is not a unix one.  False: not known, such as of one that
 * came before the kernel had begun to stamp; since: before the look.  Never
 * waits for others who have the socket. */
bool sockopt_stamp(int fd, const struct timespec *since, struct timespec *);
/* Shall messages tell when they arrived?  For unix sockets. */
void sockopt_stamp_messages(int fd, bool);
/* Was the network device that it is bound to, if to any, removed, or is its
 * name no longer this one (NULL: whatever it is)? */
bool sockopt_lost_device(int fd, const char *name);
/* Packets that the kernel threw away: of clients that its filter does
 * not let in, or more than the socket has room for.  Modulo 2^32. */
uint64_t sockopt_dropped(int fd);

#endif
