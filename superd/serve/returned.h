/*
 * Connections that an internal process gives back, because what the client
 * wants needs privilege: messages of a fixed form on its channel, each with
 * the descriptor.  Nothing of it is believed that can be asked for.
 */
#ifndef SUPERD_SERVE_RETURNED_H
#define SUPERD_SERVE_RETURNED_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/addr.h"
#include "services/proxy.h"

/* The text of a message: a connection of tcpmux wants a service; or one whose
 * proxy has told whose it is wants its own. */
struct wish {
	uint32_t id;		/* of the connection; 0: of a proxy's */
	uint32_t service;	/* its number among those the process knows */
	struct proxy_told told; /* by its proxy; all zero: nothing */
};

struct returned {
	struct wish wish;
	int fd; /* the caller's; -1: there was no room for it here */
};

enum returned_result {
	RETURNED_ONE,
	RETURNED_NONE,	/* now */
	RETURNED_ENDED, /* the process has */
	RETURNED_BROKEN /* no honest one says that */
};

/* In an internal process: give a connection back; fd stays the caller's.  Never
 * blocks.  0, or -1 with errno. */
int returned_send(int channel, const struct wish *, int fd);
/* In the daemon: read one.  Never blocks. */
enum returned_result returned_read(int channel, struct returned *);
/* Is this a stream socket as accept(2) makes them, of TCP or unix(7)?  Sets the
 * peer; len 0: the connection has ended, and the kernel does not know. */
bool returned_peer(int fd, struct addr *peer);

#endif
