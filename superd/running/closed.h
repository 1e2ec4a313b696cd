/*
 * Services that were closed by hand: they keep their definition and their
 * sessions, but their sockets are closed, so that the kernel refuses clients.
 * A wait server that has a socket keeps it until it ends.
 */
#ifndef SUPERD_RUNNING_CLOSED_H
#define SUPERD_RUNNING_CLOSED_H

#include "superd/running/records.h"

/* Close a service, or change why it is closed; not with CLOSED_NOT. */
void running_close(struct running *, enum closed why);
/* Open a service and bind its sockets again.  0, or the errno of a socket that
 * cannot be bound, which is retried. */
int running_reopen(struct running *);
/* After a reload: open the services that are CLOSED_DISABLED, when listeners
 * are retried next. */
void closed_reload(struct superd *);
/* Block a new listener if its service is closed. */
void closed_adopt(struct listener *);

#endif
