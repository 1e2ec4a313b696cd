/*
 * RFC 1078 (tcpmux): the conversation that picks a service by name.  Knows
 * the wire; which names exist is asked through a function.
 */
#ifndef SERVICES_TCPMUX_H
#define SERVICES_TCPMUX_H

#include <stdbool.h>
#include <stddef.h>

enum { TCPMUX_NAME_MAX = 256, TCPMUX_TIMEOUT = 10000 /* ms */ };

struct tcpmux_directory {
	/* case-insensitive look-up; it remembers what it found */
	bool (*find)(void *arg, const char *name);
	/* the i-th name, NULL after the last */
	const char *(*name)(void *arg, size_t i);
	void *arg;
};

/*
 * Talk to the client on fd.  0: a service was found; the byte after the
 * request line is still in the socket, and the client waits for
 * tcpmux_accept(), tcpmux_refuse() or, of a service that answers by itself,
 * neither.  -1: answered or gone, close fd.  timeout: ms, for each part.
 */
int tcpmux_talk(int fd, const struct tcpmux_directory *, int timeout);
/* "+Go", and "-Service not available".  timeout 0: only if there is room. */
void tcpmux_accept(int fd, int timeout);
void tcpmux_refuse(int fd, int timeout);

#endif
