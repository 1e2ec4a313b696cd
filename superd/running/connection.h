/*
 * An accepted connection that is not served yet: its service, its peer, and
 * its descriptor.
 *
 * The descriptor belongs to whoever has the struct.  A function that says it
 * takes the connection closes the descriptor, or passes it on, and sets fd to
 * -1; a function that fails, or does not say so, leaves it to the caller.  The
 * socket of a wait service is lent: it belongs to its listener at all times.
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
	bool told;	   /* a proxy has said whose it is, or */
	bool uncounted;	   /* that it is its own: limits of clients do not
			    * count it */
	struct addr peer;  /* len 0: unknown */
	struct addr local; /* as the proxy tells it; len 0: the socket's */
};

/* The peer's address, or NULL if it is unknown. */
static inline const struct addr *
connection_peer(const struct connection *connection)
{
	return connection->peer.len > 0 ? &connection->peer : NULL;
}

/* The same, as limits of clients count it. */
static inline const struct addr *
connection_counted(const struct connection *connection)
{
	return connection->uncounted ? NULL : connection_peer(connection);
}

#endif
