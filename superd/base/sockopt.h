/* Options of the sockets of services.  socket(7), ip(7), ipv6(7), tcp(7). */
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

/* The buffer sizes of a service: as configured, or as its handler asks for. */
struct buffers sockopt_buffers(const struct service *);
/* Set every option of a new socket, before it is bound.  0, or -1 with
 * errno. */
int sockopt_set(int fd, const struct service *, const struct endpoint *);
/* The same for a socket that somebody else has made and bound, which fits the
 * endpoint. */
int sockopt_set_bound(int fd, const struct service *, const struct endpoint *);
/* Set the options that can be changed on an open socket.  May block while
 * another process that shares the socket has it locked.  0, or -1 with
 * errno. */
int sockopt_adjust(int fd, const struct service *);
/* Set SO_REUSEADDR: allow another socket that allows it too to be bound to
 * the same address.  0, or -1 with errno. */
int sockopt_share(int fd, bool);
/*
 * When the datagram that was just peeked at arrived, by CLOCK_REALTIME.  For
 * datagram sockets that sockopt_set() prepared to be lent to a server, other
 * than unix ones.  since: a time before the peek.  False: unknown, as for a
 * datagram that arrived before the kernel began to record times.  Never
 * blocks.
 */
bool sockopt_stamp(int fd, const struct timespec *since, struct timespec *);
/* Turn SO_TIMESTAMPNS on or off, which gives messages a time of arrival; for
 * unix sockets. */
void sockopt_stamp_messages(int fd, bool);
/* Has the network device that the socket is bound to been removed, or is its
 * name no longer this one (NULL: any name will do)?  False if it is bound to
 * none. */
bool sockopt_lost_device(int fd, const char *name);
/* The number of packets that the kernel has dropped: denied by the socket's
 * filter, or for lack of room in its buffer.  Modulo 2^32; 0 if unknown. */
uint64_t sockopt_dropped(int fd);

#endif
