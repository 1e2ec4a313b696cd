/*
 * Saving: what was switched by hand is written into the configuration, as its
 * files are now, in a process of its own.  An edit is written only if the
 * configuration means the same with it but for that service.
 */
#ifndef SUPERD_SAVE_H
#define SUPERD_SAVE_H

#include "superd/control/control.h"

struct saver;

struct saver *saver_new(struct superd *);
void saver_free(struct saver *); /* accepts NULL */
/*
 * Switch the service that the second word of the request names on or off in its
 * file, and go on with saved(), which answers the request, or sees to that.
 * Where it cannot be done, the request is refused with the reason.
 */
enum control_exit save_switch(struct request *, bool on,
    void (*saved)(struct request *));

#endif
