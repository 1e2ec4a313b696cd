/*
 * Unix socket nodes: bound with their owner and mode right from the start,
 * stale ones replaced, and only what is ours removed.  unix(7).
 */
#ifndef SUPERD_NODE_H
#define SUPERD_NODE_H

#include <sys/types.h>

#include "conf/addr.h"

/* Which node in the file system is ours; all zero: none. */
struct node {
	dev_t device;
	ino_t inode;
};

/*
 * Bind fd to a path (or an abstract name) and remember the node, which only
 * its owner can use until node_permit().  A socket that nobody listens on any
 * more is replaced.  -1 with errno: EEXIST something else is there,
 * EADDRINUSE a live server has it.
 */
int	node_bind(int fd, const struct addr *, int socktype, struct node *);
/* uid or gid -1: as it is. */
int	node_permit(const struct addr *, uid_t, gid_t, mode_t);
/* Remove it if it still is ours. */
void	node_remove(const struct addr *, struct node *);

#endif
