/* The ways of serving that there are: the table of struct way. */
#ifndef SUPERD_SERVE_WAYS_H
#define SUPERD_SERVE_WAYS_H

#include "superd/running/way.h"

/* How a service is served. */
const struct way *way_of(const struct service *);

#endif
