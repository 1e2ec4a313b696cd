/*
 * Internal services: the handler table.  A handler knows descriptors and
 * bytes; it knows nothing of configuration, listeners or limits.
 */
#ifndef SERVICES_SERVICES_H
#define SERVICES_SERVICES_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "services/stream.h"

/* Largest UDP payload, and so the room every datagram handler is given. */
enum { DATAGRAM_MAX = 65535 };

struct handler {
	const char *name;
	/*
	 * One-shot stream: the whole answer at once, written before it is
	 * closed.  NULL where a conversation is needed.
	 */
	size_t (*answer)(char *buf, size_t size, time_t now);
	/* Conversation: services/stream.h.  NULL where answer is not. */
	stream_step *step;
	/*
	 * One datagram: buf holds length bytes of request and has room for
	 * size; the answer replaces it.  Returns its length, or -1 for no
	 * answer.  NULL: no datagram service of this name.
	 */
	ssize_t (*datagram)(char *buf, size_t length, size_t size, time_t now);
	/* Buffers of its stream sockets where the configuration does not
	 * say: octets as for setsockopt(2), 0: the system's. */
	unsigned sndbuf, rcvbuf;
};

/* NULL if there is none of this name (exact, lower case). */
const struct handler *handler_find(const char *name);
/* socktype: SOCK_STREAM or SOCK_DGRAM. */
bool handler_known(const char *name, int socktype);
/* No file can be read any more: the time zone stays what it is. */
void handlers_keep_zone(void);

#endif
