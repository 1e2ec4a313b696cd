/* The file system of a box, in a mount namespace of its own. */
#ifndef SUPERD_SPAWN_BOX_MOUNTS_H
#define SUPERD_SPAWN_BOX_MOUNTS_H

#include "conf/box.h"

/* Mount what the box asks for; only after unshare(2) with CLONE_NEWNS.  What
 * fails ends the process: superd/spawn/child_report.h. */
void box_mount(const struct box *);

#endif
