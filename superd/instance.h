/*
 * One superd for one configuration: a second one would find its ports taken,
 * or, worse, some of them.  The lock is an abstract unix socket, which ends
 * with its process, needs no writable directory, and belongs to a network
 * namespace, as ports do: containers have their own.
 */
#ifndef SUPERD_INSTANCE_H
#define SUPERD_INSTANCE_H

#include "superd/base/loop.h"
#include "superd/base/settings.h"

/*
 * Be the one for this file, directory and address (-a).  -1 after logging,
 * where another one of root or of our user is.  A name that somebody else
 * has taken, or that cannot be had, is only told.
 */
int instance_lock(const struct options *);
/* After an upgrade: the lock as it was kept, or -1, for instance_lock(). */
void instance_resume(int fd);
/* Its descriptor, or -1. */
int instance_fd(void);
/* Go on answering those who find it locked. */
void instance_watch(struct loop *);
/* The sockets are closed; before another process is made that stays. */
void instance_unlock(void);

#endif
