/* The ways of serving that there are: the table of struct way. */
#ifndef SUPERD_WAYS_H
#define SUPERD_WAYS_H

#include "superd/way.h"

/* How a service is served. */
const struct way *way_of(const struct service *);

#endif
