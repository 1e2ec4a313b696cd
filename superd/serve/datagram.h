/*
 * Datagram services that are answered in the loop: batches with recvmmsg(2)
 * and sendmmsg(2), each answer from the address that was asked.
 *
 * What could make two such services answer each other for ever is dropped
 * and counted: requests from ports below 1024 or of our own internal
 * services, from multicast, broadcast and unspecified addresses; and answers
 * to one source are bounded.
 */
#ifndef SUPERD_SERVE_DATAGRAM_H
#define SUPERD_SERVE_DATAGRAM_H

#include "superd/running/superd.h"

struct datagrams;

/* The buffers and counts of these services.  Never NULL. */
struct datagrams *datagrams_new(void);
void datagrams_free(struct datagrams *); /* accepts NULL */
/* Note the ports of the internal datagram services, after they have changed. */
void datagrams_set_ports(struct superd *);
/* Answer the datagrams of a listener that is readable: ready() of struct way.
 * At most one batch; never blocks. */
void datagrams_serve(struct listener *);

#endif
