/*
 * Network devices: reports when one appears, disappears or changes, for
 * sockets that are bound to one.  rtnetlink(7); where that is not available,
 * a change is reported every few seconds, just in case.
 */
#ifndef SUPERD_BASE_DEVICES_H
#define SUPERD_BASE_DEVICES_H

#include "superd/base/loop.h"

struct devices;

/* changed(arg) is called from the loop shortly after a change, once for
 * several close together, and only after devices_want().  Never NULL. */
struct devices *devices_new(struct loop *, loop_fn *changed, void *arg);
void devices_free(struct devices *); /* accepts NULL */
/* Start watching; harmless if it is called again.  Reports a change once,
 * since a device may have gone before. */
void devices_want(struct devices *);

#endif
