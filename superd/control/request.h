/* Helpers for commands: refusing a request, and finding its service. */
#ifndef SUPERD_CONTROL_REQUEST_H
#define SUPERD_CONTROL_REQUEST_H

#include "superd/control/control.h"

/* Set the error message of a request by printf(3).  Returns the status. */
enum control_exit request_refuse(struct request *, enum control_exit,
    const char *, ...) __attribute__((format(printf, 3, 4)));
/* The service that the second word names: by its id, by the beginning of one
 * id only, or by a whole part of one.  NULL: the request was refused, with this
 * status. */
struct running *request_service(struct request *, enum control_exit *);
/* The same for a service that was not removed, and so has a definition. */
struct running *request_defined(struct request *, enum control_exit *);

#endif
