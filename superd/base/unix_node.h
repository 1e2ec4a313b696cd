/*
 * Unix socket nodes: bound with their owner and mode right from the start,
 * stale ones replaced, and only what is ours changed or removed.  unix(7).
 */
#ifndef SUPERD_BASE_UNIX_NODE_H
#define SUPERD_BASE_UNIX_NODE_H

#include <sys/types.h>

#include "conf/addr.h"
#include "superd/base/object.h"

/*
 * Bind fd to a path (or an abstract name, which has no node) and remember the
 * node, which only its owner can use until node_permit().  A socket that
 * nobody listens on any more is replaced.  -1 with errno: EEXIST something
 * else is there, EADDRINUSE a live server has it, ESTALE it was replaced in
 * the act.
 */
int node_bind(int fd, const struct addr *, int socktype, struct object *node);
/* uid or gid -1: as it is.  -1 with errno: ENOENT or ESTALE if the node is
 * not there any more, and nothing was changed. */
int node_permit(const struct addr *, const struct object *node, uid_t, gid_t,
    mode_t);
/* Remove it if it still is ours, and forget it. */
void node_remove(const struct addr *, struct object *node);

#endif
