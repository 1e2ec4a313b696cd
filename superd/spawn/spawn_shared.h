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

struct fast;

/* NULL where it cannot be used: other machines, sanitizers, valgrind, or
 * SUPERD_SPAWN=fork in the environment. */
struct fast *fast_new(struct loop *);
void fast_free(struct fast *);
/* The child's pid; 0 if it has to be forked; -1 with errno. */
pid_t fast_spawn(struct fast *, const struct spawn_request *);
/* The caller is done with fd: true if a child still needs it, and it will be
 * closed when it does not any more. */
bool fast_keep(struct fast *, int fd);
/* Look what children have done meanwhile: close what they do not need any
 * more.  Done now and then anyway; worth it whenever one has ended. */
void fast_settle(struct fast *);

#endif
