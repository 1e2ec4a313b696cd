/*
 * Lives: services as they run, kept by id from their first definition until
 * they are removed and their last child has ended.
 */
#ifndef SUPERD_RUNNING_RUNNING_H
#define SUPERD_RUNNING_RUNNING_H

#include "superd/running/superd.h"

/* The one of this id, a new one if there is none. */
struct live *live_get(struct superd *, const char *id);
/* Give it its definition: way, image, handler.  Its listeners are not
 * touched. */
void live_define(struct live *, const struct service *, const struct way *);
/* It stays as it was, and its definition stands in another generation. */
void live_keep(struct live *, const struct service *);
/*
 * The service is gone: idle listeners are closed, those that a wait child
 * has are kept until it ends, and so is the live until its last child did.
 */
void live_remove(struct live *);
/* Takes the listener. */
void live_add_listener(struct live *, struct listener *);
/* Take a listener out of the live's list; it is the caller's then. */
void live_take_listener(struct live *, struct listener *);

/* A child was counted out: let the next one in, or forget the live. */
void live_child_gone(struct live *);
/* Of services that run, or should. */
struct lives_count {
	size_t services, failed; /* failed: not all of it is served */
	size_t sockets, bound;	 /* optional ones count if bound */
};
void lives_count(struct superd *, struct lives_count *);
/* struct superd *: network devices have changed. */
void lives_check_devices(void *);
/* A listener that was busy when its service went away is no more. */
void live_listener_idle(struct listener *);

/* "listening", "paused", "busy", "failed", "stale", "removed". */
const char *live_state(const struct live *);

#endif
