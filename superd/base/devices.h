/*
 * Network devices: tells when one came, went or changed, for those who are
 * bound to one.  rtnetlink(7); where there is none, it says so every few
 * seconds.
 */
#ifndef SUPERD_BASE_DEVICES_H
#define SUPERD_BASE_DEVICES_H

#include "superd/base/loop.h"

struct devices;

/* changed(arg) is called soon after a change, once for several of them; not
 * before somebody wants to know. */
struct devices *devices_new(struct loop *, loop_fn *changed, void *arg);
void devices_free(struct devices *); /* accepts NULL */
/* From now on; may be said any number of times. */
void devices_want(struct devices *);

#endif
