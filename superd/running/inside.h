/*
 * What an internal process (serve/internal.h) tells the daemon of the clients
 * that it accepts and serves by itself, with the code that serves clients in
 * the daemon: notices of a fixed form, through a ring.  The daemon reads them
 * whenever it wants to know; it is woken at once where there is a line to be
 * logged, and a moment later for the rest.
 */
#ifndef SUPERD_RUNNING_INSIDE_H
#define SUPERD_RUNNING_INSIDE_H

#include "services/host.h"
#include "superd/base/ring.h"
#include "superd/running/children.h"
#include "superd/running/superd.h"

enum notice_kind {
	NOTICE_COUNTED,
	NOTICE_STARTED,	 /* a connection: id, peer */
	NOTICE_ENDED,	 /* id; value: errno or 0; in, out */
	NOTICE_REFUSED,	 /* peer; value: enum refusal */
	NOTICE_DROPPED,	 /* the same, and not to be logged */
	NOTICE_PAUSED,	 /* value: enum refusal */
	NOTICE_BLOCKED,	 /* listener; value: enum block; in: for how long,
			  * in microseconds, or 0 */
	NOTICE_WAITING,	 /* id: how many connections do */
	NOTICE_SHORTAGE, /* value: of memory, or else of descriptors; id:
			  * errno or 0 */
	NOTICE_FUTILE,	 /* listener, which has to be looked at */
	NOTICE_LOOK_UP,	 /* the host of a redirected service */
	NOTICE_ALIVE,
	NOTICE_RETIRED, /* it listens no more */
	NOTICE_KINDS
};

struct notice {
	uint16_t kind;
	uint16_t peer_length; /* octets of an address that follow */
	uint32_t service;     /* its number */
	uint32_t id;
	int32_t value;
	/* of the service, since the last notice about it */
	uint32_t accepted, answered, datagrams, unused;
	uint64_t listener; /* its address, which is the same in both */
	uint64_t in, out;
};

struct inside;

/* Never NULL.  knock: a pipe that wakes the daemon. */
struct inside *inside_new(struct superd *, struct ring *, int knock);
/* After each round.  True: everything is told again after some of it had to
 * wait, see inside_is_behind(). */
bool inside_settle(struct inside *);
/* The daemon does not read: nobody is accepted until it does. */
bool inside_is_behind(const struct inside *);
/* Nobody is there any more who reads. */
void inside_deaf(struct inside *);

/* The counters of a service: before a client sees an answer. */
void inside_counted(struct running *);
void inside_started(const struct child *);
void inside_ended(const struct child *, const struct connection_end *);
void inside_refused(struct running *, const struct addr *peer, enum refusal);
void inside_dropped(struct running *, enum refusal);
void inside_paused(struct running *, enum refusal);
void inside_blocked(const struct listener *);
void inside_futile(const struct listener *);
void inside_waiting(struct running *, unsigned);
void inside_shortage(struct inside *, bool memory, int error);
void inside_look_up(struct running *);
/* NOTICE_ALIVE, NOTICE_RETIRED */
void inside_say(struct inside *, enum notice_kind);

#endif
