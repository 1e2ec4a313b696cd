/*
 * A client on its way: the service it has come to, who it is, and the
 * descriptor that it is to be served on.
 *
 * Who closes that: whoever has it in his struct.  A function that is said to
 * take it has it then, and sets fd to -1; one that fails, or is not said to,
 * leaves it as it is.  The socket of a wait service is lent: it is its
 * listener's at all times, and nobody here closes it.
 */
#ifndef SUPERD_RUNNING_CONNECTION_H
#define SUPERD_RUNNING_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/addr.h"

struct running;

struct connection {
	struct running *running;
	int fd; /* -1: taken */
	bool lent;
	struct addr peer; /* len 0: nobody knows */
};

/* NULL: nobody knows. */
static inline const struct addr *
connection_peer(const struct connection *connection)
{
	return connection->peer.len > 0 ? &connection->peer : NULL;
}

#endif
