/*
 * Listeners: making the socket of an endpoint with its options, binding it,
 * with retries, and closing it.  socket(7), ip(7), ipv6(7), tcp(7), unix(7).
 */
#ifndef SUPERD_RUNNING_LISTENER_H
#define SUPERD_RUNNING_LISTENER_H

#include "superd/running/superd.h"

/* Make a listener that is not bound, and in no service's list yet.  The
 * endpoint is not copied.  Never NULL. */
struct listener *listener_new(struct running *, const struct endpoint *);
/* Use this equal endpoint, of another definition, instead of the old one. */
void listener_ask_for(struct listener *, const struct endpoint *);
/* Use the endpoint of the same index in another definition, which is equal to
 * the service's current one. */
void listener_follow(struct listener *, const struct service *);
/* Set listener->bound to the address of a bound socket: getsockname(2) if the
 * port was left to the system. */
void listener_learn(int fd, struct listener *);
/* Copy the endpoint into the listener, which outlives its service's
 * definition. */
void listener_own_endpoint(struct listener *);
/* Can its socket serve this endpoint of a service?  elsewhere: in an internal
 * process. */
bool listener_fits(const struct listener *, const struct service *,
    const struct endpoint *, bool elsewhere);
/* Make and bind its socket, without retries or log.  0 or an errno. */
int listener_bind(struct listener *);
/* Does this errno of bind(2) say that the host lacks the address family of an
 * optional endpoint? */
bool listener_may_lack(const struct listener *, int error);
/*
 * Bind it, unless it is bound, and watch it.  0, also if the host lacks the
 * family of an optional endpoint, which stays unbound; or an errno, which is
 * logged once.  After an error it is retried, with increasing delays, until
 * it is closed.
 */
int listener_open(struct listener *);
/* Retry now, if a retry is pending.  0, or an errno that is not logged. */
int listener_retry_now(struct listener *);
/* Close the socket, at once or when the server that has it ends; it stays
 * closed while BLOCK_CLOSED is set. */
void listener_close(struct listener *);
/* Close the socket, remove its node from the file system if it is still ours,
 * and free the listener. */
void listener_free(struct listener *);
/* Remove the socket file, if there is one that is still ours. */
void listener_remove_node(struct listener *);
/* After its service has changed: apply those options that can be set on a
 * bound socket.  False: its node is not at its path any more, and the socket
 * has to be made anew (renew.h). */
bool listener_adopt(struct listener *, struct running *);

/* After a change of network devices: make the socket anew if the device that it
 * is bound to was replaced; a server that has it keeps it until it ends. */
void listener_check_device(struct listener *);

/* Its state for people: "listening", "busy", "paused", "failed", "absent",
 * "closed". */
const char *listener_state(const struct listener *);

#endif
