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

/* As it is sent. */
struct wish {
	uint32_t id;	  /* of the connection */
	uint32_t service; /* its number among those the process knows */
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

/* In an internal process: fd stays the caller's.  -1 with errno. */
int returned_send(int channel, const struct wish *, int fd);
/* In the daemon.  Never blocks. */
enum returned_result returned_read(int channel, struct returned *);
/* Is this a stream socket that is connected, as accept(2) makes them?  Who its
 * peer is: len 0, that is not known any more. */
bool returned_peer(int fd, struct addr *peer);

#endif
