/*
 * Starting children that share the daemon's memory until they exec: clone(2)
 * with CLONE_VM and CLONE_FILES.  No page tables and no descriptors are
 * copied, however large the daemon is, and unlike vfork(2) it does not suspend
 * the daemon.
 */
#ifndef SUPERD_SPAWN_SPAWN_SHARED_H
#define SUPERD_SPAWN_SPAWN_SHARED_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "superd/base/loop.h"
#include "superd/spawn/spawn_request.h"

struct shared_spawner;

/* NULL if children cannot share memory: on a machine without RAWSYS_NATIVE,
 * under a sanitizer or valgrind, or with SUPERD_SPAWN=fork in the
 * environment. */
struct shared_spawner *shared_new(struct loop *);
/* Accepts NULL.  Memory that a child still uses is not freed: the daemon is
 * about to end. */
void shared_free(struct shared_spawner *);
/* Start a child.  Its pid; 0: none can be started in this way now, and the
 * caller has to fork; -1 with errno. */
pid_t shared_spawn(struct shared_spawner *, const struct spawn_request *);
/* The caller does not need fd any more.  True: a child still does, and it is
 * closed later; false: the caller closes it. */
bool shared_keep(struct shared_spawner *, int fd);
/* Close descriptors and release commands that no child needs any more.  Timers
 * do so, too; worth calling whenever a child has ended. */
void shared_settle(struct shared_spawner *);

#endif
