/*
 * Nodes of unix sockets in the file system, unix(7): creates them without a
 * moment in which others could connect, replaces stale ones, and changes or
 * removes only its own.
 */
#ifndef SUPERD_BASE_UNIX_NODE_H
#define SUPERD_BASE_UNIX_NODE_H

#include <sys/types.h>

#include "conf/addr.h"
#include "superd/base/object.h"

/*
 * Bind fd to a path (or an abstract name, which has no node) and identify the
 * new node, which has mode 0600 until node_permit().  A node that nobody
 * listens on any more is replaced.  0, or -1 with errno: EEXIST if something
 * other than a socket is there, EADDRINUSE if a server uses it, ESTALE if
 * another process replaced the node meanwhile.
 */
int node_bind(int fd, const struct addr *, int socktype, struct object *node);
/* Identify the node that a socket is bound to, which is ours.  0, or -1 with
 * errno. */
int node_learn(int fd, const struct addr *, struct object *node);
/* Set owner and mode; a uid or gid of -1 is left alone.  0, or -1 with errno:
 * ENOENT or ESTALE if the node is gone, and nothing was changed. */
int node_permit(const struct addr *, const struct object *node, uid_t, gid_t,
    mode_t);
/* Remove the node if it is still ours, and clear the object. */
void node_remove(const struct addr *, struct object *node);

#endif
