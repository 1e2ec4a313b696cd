/*
 * Backlog: who waits in the queue of a listening TCP or unix socket.  The
 * socket itself tells only how many, at most; sock_diag(7) tells who.
 */
#ifndef SUPERD_BASE_BACKLOG_H
#define SUPERD_BASE_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"

enum { BACKLOG_SEEN = 64 };

struct backlog {
	bool known;   /* could be asked at all */
	bool ordered; /* unix: oldest first; 0: has closed again */
	size_t count;
	uint64_t who[BACKLOG_SEEN]; /* of some that wait */
};

enum moved { MOVED_YES, MOVED_NO, MOVED_UNKNOWN };

/* Look at the queue of a socket of ours that is bound there.  Never waits. */
void backlog_look(int fd, const struct addr *bound, struct backlog *);
/* Was one of those that waited before accepted, or has it gone away? */
enum moved backlog_moved(const struct backlog *before,
    const struct backlog *now);

#endif
