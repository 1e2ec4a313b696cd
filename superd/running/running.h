/*
 * Lives: services as they run, kept by id from their first definition until
 * they are removed and their last child has ended.
 */
#ifndef SUPERD_RUNNING_RUNNING_H
#define SUPERD_RUNNING_RUNNING_H

#include "superd/running/superd.h"

/* The one of this id, which is its definition's, a new one if there is none. */
struct running *running_get(struct superd *, const char *id);
/* Give it its definition: way, command, handler.  Its listeners are not
 * touched. */
void running_define(struct running *, const struct service *,
    const struct way *);
/* It stays as it was, and its definition stands in another generation. */
void running_keep(struct running *, const struct service *);
/*
 * The service is gone: idle listeners are closed, those that a wait child
 * has are kept until it ends, and so is the live until its last child did.
 */
void running_remove(struct running *);
/* Takes the listener. */
void running_add_listener(struct running *, struct listener *);
/* Take a listener out of the service's list; it is the caller's then. */
void running_take_listener(struct running *, struct listener *);

/* Above its rate: BLOCK_RATE for so many microseconds.  -1: there is no memory
 * for that. */
int running_pause_rate(struct running *, int64_t delay);
/* The same, but somebody else blocks it. */
int running_show_rate(struct running *, int64_t delay);
/* A child was counted out: let the next one in, or forget the service. */
void running_child_gone(struct running *);
/* Of services that run, or should. */
struct running_count {
	size_t services, failed; /* failed: not all of it is served */
	size_t sockets, bound;	 /* optional ones count if bound */
};
void running_count(const struct superd *, struct running_count *);
/* struct superd *: network devices have changed. */
void running_check_devices(void *);
/* A listener that was busy when its service went away is no more. */
void running_listener_idle(struct listener *);

/* "listening", "paused", "busy", "failed", "stale", "removed", "disabled",
 * "stopped". */
const char *running_state(const struct running *);

#endif
