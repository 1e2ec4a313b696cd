/* One child to be started: its command, its socket and its client. */
#ifndef SUPERD_SPAWN_SPAWN_REQUEST_H
#define SUPERD_SPAWN_SPAWN_REQUEST_H

#include "conf/addr.h"
#include "superd/spawn/command.h"

struct identity;

struct spawn_request {
	struct prepared_command *prepared;
	int fd;			  /* remains the caller's: spawn_close() */
	const struct addr *peer;  /* NULL: unknown */
	const struct addr *local; /* NULL: of getsockname(2) */
	const char *id;		  /* of the service */
	unsigned *leaf;		  /* becomes the number of its leaf, leaves.h */
	/* of the client, for a command that runs as_peer; NULL: none */
	const struct identity *identity;
};

#endif
