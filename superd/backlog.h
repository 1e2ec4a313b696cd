/*
 * Backlog: which connections wait in a listening TCP socket's queue.  The
 * socket itself tells only how many; sock_diag(7) tells which.
 */
#ifndef SUPERD_BACKLOG_H
#define SUPERD_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"

enum { BACKLOG_SEEN = 64 };

struct backlog {
	bool known;		/* could be asked at all */
	size_t count;
	uint64_t cookies[BACKLOG_SEEN];	/* of some that wait */
};

/* Look at the queue of the TCP socket that is bound there.  Never waits. */
void	backlog_look(const struct addr *bound, struct backlog *);
/* Was one of those that waited before accepted, or has it gone away? */
bool	backlog_moved(const struct backlog *before,
	    const struct backlog *now);

#endif
