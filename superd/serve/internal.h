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

struct internals *internals_new(struct superd *);
/* Whoever has connections goes on to serve them. */
void internals_free(struct internals *);

/* For a struct way. */
struct child *internal_start(const struct connection *);
int internal_resume(struct child *);
void internal_listen(struct listener *);
void internal_unlisten(struct listener *);

/* After a load: who serves what there is now. */
void internals_settle(struct superd *);
/* Read what was told until now. */
void internals_hear(struct superd *);
/* Somebody is denied now, for superd->denied, or is no more. */
void internals_deny(struct superd *, const struct denied *);
void internals_allow(struct superd *, const struct prefix *);
/* For superd->places_free: whoever waits for one looks again. */
void internals_places_free(struct superd *);
/* superd stops: they listen no more.  False: they still do. */
bool internals_stop(struct superd *);
void internals_signal(const struct superd *, int signo);
/* NULL after the last. */
const struct internal *internals_first(const struct superd *);
const struct internal *internals_next(const struct internal *);

#endif
