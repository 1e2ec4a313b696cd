/*
 * Backlog: the connections that wait in the accept queue of a listening TCP
 * or unix socket.  The socket itself reveals at most how many there are;
 * sock_diag(7) identifies them.
 */
#ifndef SUPERD_BASE_BACKLOG_H
#define SUPERD_BASE_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"

enum { BACKLOG_SEEN = 64 };

struct backlog {
	bool known;   /* the kernel has answered */
	bool ordered; /* unix: oldest first; 0: the client has closed */
	size_t count;
	uint64_t who[BACKLOG_SEEN]; /* ids of the first BACKLOG_SEEN */
};

enum moved { MOVED_YES, MOVED_NO, MOVED_UNKNOWN };

/* Fill the backlog of one of our sockets; bound is the address that it was
 * bound to.  Never blocks.  On any error known stays false. */
void backlog_look(int fd, const struct addr *bound, struct backlog *);
/* Compare two looks at one queue: MOVED_YES if a connection that waited
 * before has since been accepted or has gone away, MOVED_UNKNOWN if the
 * kernel does not tell. */
enum moved backlog_moved(const struct backlog *before,
    const struct backlog *now);

#endif
