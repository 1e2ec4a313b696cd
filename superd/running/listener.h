/*
 * Listeners: from an endpoint to a bound socket with its options, retried
 * while it cannot be bound; whether the loop watches it; closing.
 * socket(7), ip(7), ipv6(7), tcp(7), unix(7).
 */
#ifndef SUPERD_RUNNING_LISTENER_H
#define SUPERD_RUNNING_LISTENER_H

#include "superd/running/superd.h"

/* Not bound yet; belongs to no service's list yet.  The endpoint is its
 * service's, and stays where it is. */
struct listener *listener_new(struct running *, const struct endpoint *);
/* What it was made for stands there now: another service's, the same. */
void listener_ask_for(struct listener *, const struct endpoint *);
/* ... or in this definition, which is equal to its service's so far. */
void listener_follow(struct listener *, const struct service *);
/* Its socket is bound: where?  For those that come from elsewhere. */
void listener_learn(int fd, struct listener *);
/* ... or in its own memory: the service's goes before it does. */
void listener_own_endpoint(struct listener *);
/* Would this socket do for that endpoint of a service? */
bool listener_fits(const struct listener *, const struct service *,
    const struct endpoint *, bool elsewhere);
/* Make and bind its socket; nothing else.  0 or an errno. */
int listener_bind(struct listener *);
/* An endpoint that may be missing is, with this errno. */
bool listener_may_lack(const struct listener *, int error);
/*
 * Bind it if that is not done yet, and watch it.  0, or an errno, which is
 * logged once: then it is tried again by itself, with back-off, until it is
 * closed (unless the endpoint is optional and this host has no such family:
 * 0, and it stays unbound).
 */
int listener_open(struct listener *);
/* Try at once what waits for its next try.  0 or an errno, for the caller to
 * tell. */
int listener_retry_now(struct listener *);
/* Close the socket, or do so when the server that has it ends; it stays
 * closed while it has BLOCK_CLOSED. */
void listener_close(struct listener *);
/* Close the socket, remove a unix node that is still ours, and free. */
void listener_free(struct listener *);
/* Remove the node of a unix socket, if there is one that is still ours. */
void listener_remove_node(struct listener *);
/* The service of an adopted listener changed: apply what can be applied to
 * an open socket.  False: its node is not at its path any more, and the
 * socket is to be made anew (renew.h). */
bool listener_adopt(struct listener *, struct running *);

/* Network devices have changed, or a server that had the socket meanwhile has
 * ended: a new socket for one that was bound to a device which is gone. */
void listener_check_device(struct listener *);

/* "listening", "busy", "paused", "failed", "absent", "closed". */
const char *listener_state(const struct listener *);

#endif
