/*
 * Internal services: the table of handlers.  A handler knows descriptors and
 * bytes; nothing of configuration, listeners or limits.
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
	/* A stream service that sends one answer and closes: writes the answer
	 * to buf, and returns its length.  NULL: step is used. */
	size_t (*answer)(char *buf, size_t size, time_t now);
	/* A stream service that reads: services/stream.h.  NULL: answer is
	 * used. */
	stream_step *step;
	/* A datagram service: buf holds a request of length bytes, and has
	 * room for size; the answer replaces it.  Returns the length of the
	 * answer, or -1 for none.  NULL: no datagram service. */
	ssize_t (*datagram)(char *buf, size_t length, size_t size, time_t now);
	/* SO_SNDBUF and SO_RCVBUF of its stream sockets, in octets, unless the
	 * configuration sets them; 0: the system's. */
	unsigned sndbuf, rcvbuf;
};

/* The handler of this name, in lower case, or NULL. */
const struct handler *handler_find(const char *name);
/* Is there a service of this name for SOCK_STREAM or SOCK_DGRAM? */
bool handler_known(const char *name, int socktype);
/* Does the internal service of this name speak HTTP? */
bool handler_is_web(const char *name);
/* Keep the current time zone from now on, since its files cannot be read any
 * more. */
void handlers_keep_zone(void);

#endif
