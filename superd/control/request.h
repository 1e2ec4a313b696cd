/*
 * Requests of the control socket as commands see them: how they are refused,
 * and the service that they name.
 */
#ifndef SUPERD_CONTROL_REQUEST_H
#define SUPERD_CONTROL_REQUEST_H

#include "superd/control/control.h"

/* Why there is no answer, for people; returns the status. */
enum control_exit request_refuse(struct request *, enum control_exit,
    const char *, ...) __attribute__((format(printf, 3, 4)));
/* That of its second word: its id, the only one that begins so, or the one
 * that it is a whole part of.  NULL: it is refused with this status. */
struct running *request_service(struct request *, enum control_exit *);
/* The same, and it has a definition: it was not removed. */
struct running *request_defined(struct request *, enum control_exit *);

#endif
