/*
 * Services that were closed by hand: they keep their definition and their
 * sessions, and have no sockets, so that clients are refused by the system.
 * A server that has a socket keeps it until it ends.
 */
#ifndef SUPERD_RUNNING_CLOSED_H
#define SUPERD_RUNNING_CLOSED_H

#include "superd/running/records.h"

/* why: not CLOSED_NOT.  One that is closed is closed for this reason then. */
void running_close(struct running *, enum closed why);
/* Bind its sockets again.  0, or the errno of one that cannot be bound, which
 * is tried again by itself. */
int running_reopen(struct running *);
/* A reload opens what was disabled: as soon as listeners are tried again. */
void closed_reload(struct superd *);
/* A new listener of a service that may be stopped. */
void closed_adopt(struct listener *);

#endif
