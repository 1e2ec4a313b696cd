/* The ways of serving that there are: the table of struct way. */
#ifndef SUPERD_SERVE_WAYS_H
#define SUPERD_SERVE_WAYS_H

#include "superd/running/way.h"

/* How a service with a complete definition is served; never NULL. */
const struct way *way_of(const struct service *);

#endif
