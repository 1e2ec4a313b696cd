/*
 * The notices of an internal process (serve/internal.h) to the daemon, about
 * the clients that it accepts and serves: of a fixed form, through a ring.
 * The daemon can read them at any time; it is woken at once if there is
 * something to log, and a moment later otherwise.  This is the sender's side.
 */
#ifndef SUPERD_RUNNING_INSIDE_H
#define SUPERD_RUNNING_INSIDE_H

#include "services/host.h"
#include "superd/base/ring.h"
#include "superd/running/children.h"
#include "superd/running/superd.h"

enum notice_kind {
	NOTICE_COUNTED,
	NOTICE_STARTED,	 /* a connection: id, peer; value: bits of enum
			  * introduction */
	NOTICE_ENDED,	 /* id; value: errno or 0; in, out */
	NOTICE_REFUSED,	 /* peer; value: enum refusal */
	NOTICE_DROPPED,	 /* the same, and not to be logged */
	NOTICE_PAUSED,	 /* value: enum refusal */
	NOTICE_BLOCKED,	 /* listener; value: enum block; in: for how long,
			  * in microseconds, or 0 */
	NOTICE_WAITING,	 /* id: the number of waiting connections */
	NOTICE_SHORTAGE, /* value: of memory, or else of descriptors; id:
			  * errno or 0 */
	NOTICE_FUTILE,	 /* listener, to be examined: renew.h */
	NOTICE_MISSING,	 /* listener: its socket did not arrive */
	NOTICE_LOOK_UP,	 /* the host of a redirected service */
	NOTICE_PAGE,	 /* id: a connection waits for a text; value: page */
	NOTICE_ALIVE,
	NOTICE_RETIRED, /* the process does not listen any more */
	NOTICE_KINDS
};

/* What a proxy has said of a connection. */
enum introduction {
	INTRODUCED = 1,	      /* whose it is; or, with this, */
	INTRODUCED_ITSELF = 2 /* that it is its own */
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

/* Start sending to a ring.  knock: the write end of a pipe that wakes the
 * daemon.  Neither is taken.  Never NULL. */
struct inside *inside_new(struct superd *, struct ring *, int knock);
/* Send what had to wait, and wake the daemon; to be called after each round of
 * the loop.  True: inside_is_behind() has just become false. */
bool inside_settle(struct inside *);
/* Is the ring full, because the daemon does not read?  Then no client may be
 * accepted. */
bool inside_is_behind(const struct inside *);
/* The daemon wants nobody to be accepted here any more; it has said so in an
 * order, which may still have to be read. */
bool inside_is_retired(const struct inside *);
/* The daemon has ended: send nothing any more. */
void inside_deaf(struct inside *);

/* Send the counters of a service, before a client sees an answer. */
void inside_counted(struct running *);
/* Send the notice of this name.  Each ends the process if the notice cannot
 * be kept for want of memory, since counts would be wrong for ever. */
void inside_started(const struct child *);
void inside_ended(const struct child *, const struct connection_end *);
void inside_refused(struct running *, const struct addr *peer, enum refusal);
void inside_dropped(struct running *, enum refusal);
void inside_paused(struct running *, enum refusal);
void inside_blocked(const struct listener *);
void inside_futile(const struct listener *);
void inside_missing(const struct listener *);
void inside_waiting(struct running *, unsigned);
void inside_shortage(struct inside *, bool memory, int error);
void inside_look_up(struct running *);
void inside_want_page(const struct child *, unsigned page);
/* Send a notice without data: NOTICE_ALIVE or NOTICE_RETIRED. */
void inside_say(struct inside *, enum notice_kind);

#endif
