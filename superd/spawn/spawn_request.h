/* Who is to be started, and for whom: what spawn.h takes. */
#ifndef SUPERD_SPAWN_SPAWN_REQUEST_H
#define SUPERD_SPAWN_SPAWN_REQUEST_H

#include "conf/addr.h"
#include "superd/spawn/command.h"

struct spawn_request {
	struct prepared_command *prepared;
	int fd;			  /* stays the caller's: spawn_close */
	const struct addr *peer;  /* NULL: unknown */
	const struct addr *local; /* NULL: the socket is asked */
};

#endif
