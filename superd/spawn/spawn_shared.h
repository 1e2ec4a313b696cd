/*
 * The fast way to a child: it shares the daemon's memory until it execs, so
 * that nothing is copied however large the daemon is, and the daemon is never
 * suspended meanwhile, however long the child takes.  clone(2).
 */
#ifndef SUPERD_SPAWN_SPAWN_SHARED_H
#define SUPERD_SPAWN_SPAWN_SHARED_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "superd/base/loop.h"
#include "superd/spawn/spawn_request.h"

struct shared_spawner;

/* NULL where it cannot be used: other machines, sanitizers, valgrind, or
 * SUPERD_SPAWN=fork in the environment. */
struct shared_spawner *shared_new(struct loop *);
void shared_free(struct shared_spawner *);
/* The child's pid; 0 if it has to be forked; -1 with errno. */
pid_t shared_spawn(struct shared_spawner *, const struct spawn_request *);
/* The caller is done with fd: true if a child still needs it, and it will be
 * closed when it does not any more. */
bool shared_keep(struct shared_spawner *, int fd);
/* Look what children have done meanwhile: close what they do not need any
 * more.  Done now and then anyway; worth it whenever one has ended. */
void shared_settle(struct shared_spawner *);

#endif
