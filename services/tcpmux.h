/*
 * RFC 1078 (tcpmux): the conversation that picks a service by name.  Knows
 * the wire; which names exist is asked through a function.
 */
#ifndef SERVICES_TCPMUX_H
#define SERVICES_TCPMUX_H

#include <stddef.h>

enum { TCPMUX_NAME_MAX = 256, TCPMUX_TIMEOUT = 10000 /* ms */ };

enum tcpmux_kind { TCPMUX_UNKNOWN, TCPMUX_PLAIN, TCPMUX_PLUS };

struct tcpmux_directory {
	/* case-insensitive look-up; *token identifies the service */
	enum tcpmux_kind (*find)(void *arg, const char *name, void **token);
	/* the i-th name, NULL after the last */
	const char *(*name)(void *arg, size_t i);
	void *arg;
};

/*
 * Talk to the client on fd.  0: *token is to be served (and "+Go" has been
 * sent where the kind is TCPMUX_PLUS); the byte after the request line is
 * still in the socket.  -1: answered or gone, close fd.
 */
int	tcpmux_talk(int fd, const struct tcpmux_directory *, int timeout,
	    void **token);

#endif
