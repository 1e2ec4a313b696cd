/*
 * Listeners with something wrong: sockets that a server has spoiled, or whose
 * file was removed, are made anew, and a listener that keeps waking superd for
 * nothing is left alone for a while.
 */
#ifndef SUPERD_RUNNING_RENEW_H
#define SUPERD_RUNNING_RENEW_H

#include "superd/running/superd.h"

/* After the end of a server that had the socket: restore the file flags, and
 * make a new socket if this one is spoiled (base/spoiled.h).  True: it was; a
 * new one is bound, or is retried. */
bool listener_examine(struct listener *);
/* The listener was ready, but there was nothing to take.  Examine it; after
 * several such wakeups in a row, do not watch it for a time that grows to one
 * second. */
void listener_futile(struct listener *);
/* A wakeup has brought something: count from the beginning. */
void listener_useful(struct listener *);
/* Log that a listener is not watched for a while; bounded. */
void listener_say_futile(struct listener *);
/* The socket file was removed or replaced, so that no client can connect: bind
 * a new socket and close the old one, which stays if that fails. */
void listener_replace_node(struct listener *);

#endif
