/*
 * superctl upgrade: another program of superd in the same process.  What can be
 * found out about it is found out first: whether it reads our state, and what
 * it says of the configuration.  Then clients that are neither in a queue of
 * the kernel nor with a server are waited for, and so are internal processes,
 * until they listen no more: nobody is lost with this image.
 */
#ifndef SUPERD_UPGRADE_H
#define SUPERD_UPGRADE_H

#include "superd/control/control.h"

/* superctl upgrade [PATH] */
enum control_exit do_upgrade(struct request *);
/* Free what is left of one that is under way; superd ends. */
void upgrade_free(struct superd *);

#endif
