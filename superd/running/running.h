/*
 * Running services: kept by id from their first definition until they are
 * removed and their last child has ended.
 */
#ifndef SUPERD_RUNNING_RUNNING_H
#define SUPERD_RUNNING_RUNNING_H

#include "superd/running/superd.h"

/* The service of this id, made if there is none.  The id is not copied: it is
 * the definition's.  Never NULL. */
struct running *running_get(struct superd *, const char *id);
/* Set its definition, way, command, handler and log; its listeners stay as they
 * are.  The definition is not copied, but keeps its generation. */
void running_define(struct running *, const struct service *,
    const struct way *);
/* Its definition has other limits: let those try again who wait because of
 * them, and tell who serves it elsewhere. */
void running_limits_changed(struct running *);
/* End what was set by hand, of all services. */
void running_overrides_end(struct superd *);
/* Replace its definition by an equal one of another generation. */
void running_keep(struct running *, const struct service *);
/* Remove the service: close its listeners, but keep those that a wait child has
 * until it ends, and free the service after its last child. */
void running_remove(struct running *);
/* Add a listener, which is the service's from now on. */
void running_add_listener(struct running *, struct listener *);
/* Take a listener out of the service's list; it is the caller's then. */
void running_take_listener(struct running *, struct listener *);

/* The service has reached its rate: block its listeners (BLOCK_RATE) for this
 * many microseconds.  0, or -1: out of memory, nothing is blocked. */
int running_pause_rate(struct running *, int64_t delay);
/* The same, except that the caller has set BLOCK_RATE. */
int running_show_rate(struct running *, int64_t delay);
/* After the end of a child: watch listeners that waited for it, or free a
 * removed service after its last child. */
void running_child_gone(struct running *);

struct running_count {
	size_t services, failed; /* failed: a socket of it is missing */
	size_t sockets, bound;	 /* optional ones count if bound */
};

/* Count the services that are not removed, and their sockets. */
void running_count(const struct superd *, struct running_count *);
/* Call listener_check_device() for all listeners of a struct superd *: a
 * function for the watcher of network devices. */
void running_check_devices(void *);
/* Free a listener that a removed service has kept for a wait child, after its
 * end, and the service after its last one. */
void running_listener_idle(struct listener *);

/* The state of a service for people, the worst of its listeners': "listening",
 * "paused", "busy", "failed", "stale", "removed", "disabled",
 * "stopped". */
const char *running_state(const struct running *);

#endif
