/*
 * Events of services, their clients and their sockets: one function for each
 * kind of log line.  Nothing else logs these events; those of superd as a
 * whole are in event_self.h.  Debug messages are not events.
 *
 * The comments show each line as it is written, with placeholders in capitals,
 * followed by the log it goes to (the service's, or superd's own) and its
 * priority; -l: only with --log-connections.  Events of clients have two forms:
 * superd's, and xinetd's if log_on_success or log_on_failure asks for it.  A
 * peer that is NULL or of length 0 is unknown.
 */
#ifndef SUPERD_RUNNING_EVENT_H
#define SUPERD_RUNNING_EVENT_H

#include "superd/running/children.h"
#include "superd/running/superd.h"

/* Clients and children. */

/*	start ID pid=N peer=ADDRESS children=N[/N]	service, info; -l
 *	START: ID[ pid=N][ from=HOST]			service, info */
void event_started(const struct running *, pid_t, const struct addr *peer);
/* status: of waitpid(2).  Octets are given if they are known.
 *	exit ID pid=N status=N duration=N[ in=N out=N][ reason=WHY]
 *							service, info; -l
 *	exit ID pid=N signal=N duration=N[ in=N out=N][ reason=WHY]
 *							service, info; -l
 *	TRAFFIC: ID in=N(bytes) out=N(bytes)		service, info
 *	EXIT: ID[ status=N][ pid=N][ duration=N(sec)]	service, info
 *	EXIT: ID[ signal=N][ pid=N][ duration=N(sec)]	service, info */
void event_exited(const struct child *, int status);
/* superd ends, and this goes on without it.  Not where xinetd's lines are.
 *	left ID pid=N duration=SECONDS			service, info */
void event_left(const struct child *);
/* client is given if the limit counts more than the one address.  Services of
 * xinetd.conf, and those with log_on_failure, log xinetd's line only.
 *	refuse ID peer=ADDRESS reason=WHY[ client=PREFIX]	service, info
 *	FAIL: ID WHY[ from=HOST]			service, info */
void event_refused(const struct running *, const struct addr *peer,
    enum refusal);
/*	refuse ID: N more were not logged		service, info */
void event_refusals_left_out(const struct running *, uint64_t);
/*	drop: N datagrams that must not be answered	superd, info */
void event_dropped(uint64_t);
/* The answer of an ident server, RFC 1413; user NULL: none, for this reason.
 *	USERID: ID TEXT					service, info
 *	NOID: ID HOST WHY				service, info */
void event_user(const struct running *, const struct addr *peer,
    const char *user, const char *why);
/*	ident: too many refused clients, N not asked about	superd, info */
void event_users_left_out(uint64_t);
/* minutes: negative for ever.
 *	deny ID peer=PREFIX time=TIME			service, warning */
void event_denied(const struct running *, const struct addr *peer, int minutes);
/* By hand; seconds: 0 for ever.
 *	deny peer=PREFIX time=TIME by=hand		superd, info */
void event_denied_by_hand(const struct prefix *, unsigned seconds);
/*	allow peer=PREFIX				superd, info */
void event_allowed(const struct prefix *);
/*	deny: list full (N entries), N not added		superd, warning
 */
void event_denylist_full(unsigned room, uint64_t left_out);
/* A child could not start its program.
 *	error ID pid=N STEP PROGRAM: ERROR		superd, warning */
void event_start_failed(const struct running *, pid_t, const char *step,
    int error);
/* A connection of an internal process has failed.
 *	error ID pid=N peer=ADDRESS redirect: ERROR	superd, warning
 *	error ID pid=N peer=ADDRESS connection: ERROR	superd, warning */
void event_connection_failed(const struct child *, const char *what, int error);
/*	error ID pid=N: no answer in N s		superd, warning */
void event_asker_late(const char *title, pid_t, int seconds);
/* An internal process; lost: the number of its connections.
 *	error TITLE pid=N: no answer for N s: killed, N connections lost
 *							superd, warning
 *	error TITLE pid=N status=N: N connections lost	superd, warning
 *	error TITLE pid=N signal=N: N connections lost	superd, warning
 *	error TITLE pid=N STEP: ERROR			superd, warning */
void event_process_hung(const char *title, pid_t, unsigned seconds,
    size_t lost);
void event_process_died(const char *title, pid_t, int status, size_t lost);
void event_process_failed(const char *title, pid_t, const char *step,
    int error);
/*	error TITLE pid=N: says what cannot be: killed, N connections lost
 *							superd, warning */
void event_process_broken(const char *title, pid_t, size_t lost);
/*	error ID: libwrap cannot be loaded		superd, warning */
void event_libwrap_missing(const struct running *);
/* Standard error of a child; sink: the log of its service, or NULL.
 *	stderr ID pid=N peer=ADDRESS: TEXT		service, info
 *	stderr ID: N lines dropped			service, info */
void event_stderr(struct sink *, const char *id, pid_t, const struct addr *peer,
    const char *text);
void event_stderr_left_out(struct sink *, const char *id, uint64_t);

/* Limits and shortages. */

/* The service and the client that hold most are given if they are known.
 *	pause ID reason=WHY[ service=ID holds=N][ client=PREFIX client_holds=N]
 *							service, info */
void event_paused(struct running *, enum refusal);
/*	pause ID reason=backoff: woken repeatedly for nothing
 *							service, info */
void event_futile(const struct listener *);
/* error: of the call that failed, or 0.
 *	pause reason=shortage of=WHAT[: ERROR]		superd, warning */
void event_shortage(const char *what, int error);
/* delay: microseconds.
 *	backoff ID: server ended without reading, next start in N ms
 *							superd, warning */
void event_backed_off(const struct listener *, int64_t delay);
/*	discard ID: N servers in a row ended without reading this datagram
 *							superd, warning */
void event_discarded(const struct listener *, int servers);

/* Services that were closed by hand, or opened again. */

/*	closed ID: WHY					service, info */
void event_closed(const struct running *);
/*	opened ID					service, info */
void event_opened(const struct running *);
/* Limits, as override_text() has them.
 *	set ID: TEXT					service, info */
void event_set(const struct running *, const char *text);

/* Sockets. */

/*	error ID FILE:N: cannot bind ADDRESS, retrying: ERROR
 *							superd, warning */
void event_bind_failed(const struct listener *, int error);
/* After earlier failures only.
 *	bound ID ADDRESS				superd, info */
void event_bound(const struct listener *);
/* One that superd was started with.
 *	passed ID ADDRESS				superd, info */
void event_passed(const struct listener *);
/* Call it with errno set.
 *	error ID: cannot use the passed socket ADDRESS: ERROR
 *							superd, warning */
void event_not_passed(const struct listener *);
/*	rebind ID: its socket was WHY			superd, info */
void event_rebound(const struct listener *, const char *why);
/*	rebind ID: its network device has changed	superd, info */
void event_device_changed(const struct listener *);
/*	error ID: its socket is no longer at its path, and WHY[: ERROR]
 *							superd, warning */
void event_node_lost(const struct listener *, const char *why, int error);
/* An option, or the owner or mode, could not be set.
 *	error ID: WHAT of its socket: ERROR		superd, warning */
void event_socket_unset(const struct listener *, const char *what, int error);
/*	rpc: N registered				superd, info */
void event_registered(size_t);
/*	error rpc: rpcbind refused the registrations, retrying
 *							superd, warning */
void event_registration_refused(void);

#endif
