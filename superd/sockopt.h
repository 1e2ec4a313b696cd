/*
 * What a socket of a service is given besides its address.  socket(7), ip(7),
 * ipv6(7), tcp(7).
 */
#ifndef SUPERD_SOCKOPT_H
#define SUPERD_SOCKOPT_H

#include <stdbool.h>

#include "conf/conf.h"

/* All that a new one needs before it is bound.  -1 with errno. */
int	sockopt_set(int fd, const struct service *,
	    const struct endpoint *);
/* What an open one can be given: as if it were made for this service. */
int	sockopt_adjust(int fd, const struct service *);

#endif
