/*
 * Leaves: a control group for each session whose service has limits for all of
 * its processes together.  They stand beside each other, and beside one that
 * superd itself moves into, below the group that superd was started in: a
 * group with processes of its own cannot limit those below.
 */
#ifndef SUPERD_SPAWN_LEAVES_H
#define SUPERD_SPAWN_LEAVES_H

#include <sys/types.h>

#include "conf/box.h"
#include "superd/base/loop.h"

struct leaves;

/* The group that leaves stand in. */
struct leaf_home {
	int fd;	      /* -1: not open */
	pid_t daemon; /* superd's, which moves */
};

/* Does it have limits for all processes together? */
bool box_has_leaf(const struct box *);
/*
 * Open the home, moving the daemon and its children out of the way where
 * needed, and switch on what the box wants.  True, or false with errno and the
 * part that failed.
 */
bool leaf_home_open(struct leaf_home *, const struct box *, enum box_part *);
/* Make a leaf with the limits of a box: the descriptor of its directory, or -1
 * with errno and the part that failed. */
int leaf_make(const struct leaf_home *, const char *name, const struct box *,
    enum box_part *);

/* Those of the daemon's sessions; NULL: no memory.  Nothing is done before the
 * first is made. */
struct leaves *leaves_new(struct loop *);
void leaves_free(struct leaves *); /* accepts NULL */
/* A leaf for a session.  Its descriptor, to be closed once the session is in
 * it, and its number, which is not 0; or -1 with errno. */
int leaves_make(struct leaves *, const struct box *, unsigned *number);
/* The session has ended: kill what is left in its leaf, and remove it, now or
 * once all are gone.  0 is none. */
void leaves_end(struct leaves *, unsigned number);
/* The number of processes in it, or -1 with errno. */
int leaves_count(const struct leaves *, unsigned number);
/* Kill all in it; 0, or -1 with errno. */
int leaves_kill(const struct leaves *, unsigned number);

#endif
