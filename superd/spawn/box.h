/*
 * A box in a child: what conf/box.h says is done to the process that calls
 * these, in this order.  A part that fails is reported by its name, and ends
 * the child; those that the box lacks are left out.
 */
#ifndef SUPERD_SPAWN_BOX_H
#define SUPERD_SPAWN_BOX_H

#include <sys/types.h>
#include <stdbool.h>

#include "conf/box.h"

/* Must its children be forked?  What changes more than the process itself
 * cannot be done in memory that is shared with the daemon. */
bool box_forks(const struct box *);
/* fork(2) into the namespaces that only a new process can have.  As fork(2);
 * NULL: no box. */
pid_t box_fork(const struct box *);
/* The part that failed where box_fork() did. */
enum box_part box_fork_part(const struct box *);
/* Is the process 1 of a namespace of its own, with superd/spawn/box_init.h? */
bool box_has_init(const struct box *);

/* Before chroot(2): namespaces, mounts, processors. */
void box_isolate(const struct box *);
/* Before the user is set, and after: capabilities. */
void box_bound(const struct box *);
void box_grant(const struct box *);
void box_seal(const struct box *);
/* Last, in the process that is to execute the program: nothing but that, and
 * ending, may be possible afterwards. */
void box_filter(const struct box *);

#endif
