/*
 * Internal processes, seen from the daemon.  They have no rights, and serve
 * the clients of internal and redirected services: each has the listeners of
 * its services, which the daemon has made and keeps open, accepts and admits
 * by itself (serving.h), and tells what happens, so that the daemon's state is
 * as if it had done so.  Clients about whom an asker is asked first are
 * accepted here, and handed over.
 *
 * One that dies loses its connections only.  When services change, a new one
 * is forked, and the old one listens no more and ends with its last
 * connection.
 */
#ifndef SUPERD_SERVE_INTERNAL_H
#define SUPERD_SERVE_INTERNAL_H

#include "superd/running/connection.h"
#include "superd/serve/internal_process.h"

/* The set of internal processes, empty at first.  Never NULL. */
struct internals *internals_new(struct superd *);
/* Forget all of them.  A process that has connections serves them to their
 * end. */
void internals_free(struct internals *);

/* The functions of this name in struct way.  Nothing is reported if a process
 * cannot be told of a listener: it is about to end then, and the next one gets
 * the listener at its start. */
struct child *internal_start(const struct connection *);
int internal_resume(struct child *);
void internal_listen(struct listener *);
void internal_unlisten(struct listener *);

/* After a load: start processes for what has changed, and retire those that
 * know it as it was.  One that cannot be started is tried again later. */
void internals_settle(struct superd *);
/* Read the notices of all processes. */
void internals_hear(struct superd *);
/* Tell all processes of an entry that was added to the deny list, or removed
 * from it. */
void internals_deny(struct superd *, const struct denied *);
void internals_allow(struct superd *, const struct prefix *);
/* For superd->places_free: wake the processes that wait for a place. */
void internals_places_free(struct superd *);
/* Before superd ends: tell all processes to listen no more.  True once none
 * does. */
bool internals_stop(struct superd *);
/* kill(2) all of them. */
void internals_signal(const struct superd *, int signo);
/* Walk through the processes, in the order of their start; NULL: no more. */
const struct internal *internals_first(const struct superd *);
const struct internal *internals_next(const struct internal *);

#endif
