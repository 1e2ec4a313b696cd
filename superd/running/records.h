/*
 * The records of running services and of their listeners.  The functions are in
 * running.h, listener.h and blocked.h.
 */
#ifndef SUPERD_RUNNING_RECORDS_H
#define SUPERD_RUNNING_RECORDS_H

#include "superd/base/binding.h"
#include "superd/base/bucket.h"
#include "superd/base/object.h"
#include "superd/running/superd.h"

struct child;
struct handler;
struct line;
struct listener_more;
struct listeners;
struct override;
struct running_more;
struct seat;
struct stderr_log;
struct trade;

/* Why a listener is not watched, as bits; it is watched if none is set. */
enum block {
	BLOCK_UNBOUND = 1,    /* no socket yet: bind is retried */
	BLOCK_BUSY = 2,	      /* a wait child has it */
	BLOCK_BACKOFF = 4,    /* its server does not read */
	BLOCK_RATE = 8,	      /* the service's bucket is empty */
	BLOCK_INSTANCES = 16, /* too many children of the service */
	BLOCK_HELD = 32,      /* in waiters->held: no place or a shortage */
	BLOCK_WORKER = 64,    /* no internal process serves it now */
	BLOCK_ASIDE = 128,    /* a process of ours has it: aside.h */
	BLOCK_CLOSED = 256    /* somebody has closed its service: closed.h */
};

/* Addresses of a listener that differ from its service's definition, or have
 * outlived it. */
struct own_addresses {
	struct endpoint endpoint;
	struct addr bound;
	struct object node; /* unix: the one that is ours */
};

/* There are thousands of both: in an order that leaves no holes. */

struct listener {
	struct running *running;
	const struct endpoint *endpoint; /* what was asked for */
	struct binding binding;
	const struct addr *bound;    /* ... and what it became (port 0, rpc) */
	struct own_addresses *own;   /* where these are, or NULL */
	struct listener_more *more;  /* listener_more.h; or NULL */
	struct child *server;	     /* the wait child */
	const struct service *fresh; /* that this reload made it for */
	TAILQ_ENTRY(listener) held;
	struct listeners *held_in;
	char *stored;	   /* its name in the fd_store, or NULL */
	int fd;		   /* -1: BLOCK_UNBOUND */
	int error;	   /* errno of the last failed bind */
	uid_t lent_to;	   /* user of the last server, whose other
			    * processes may have it still */
	unsigned blocked;  /* enum block */
	unsigned told;	   /* the same, of an internal process */
	bool orphan;	   /* of a removed service, kept for server */
	bool taken;	   /* by another service, in a reload */
	bool lent;	   /* a server had it, or still has */
	bool given;	   /* an internal process had it, or has */
	bool check_device; /* devices changed while it was lent */
	bool beside;	   /* bind beside the old socket, which a
			    * process may still have */
};

TAILQ_HEAD(listeners, listener);

struct counters {
	uint64_t accepted;  /* connections taken, or sockets handed over */
	uint64_t started;   /* children */
	uint64_t answered;  /* in the loop: connections and datagrams */
	uint64_t datagrams; /* read by internal services */
	uint64_t discarded; /* datagrams that no server wanted to read */
	uint64_t failed;    /* children that could not start */
	uint64_t *refused;  /* by enum refusal; NULL: none was */
};

/* A running service.  After its removal it stays while it has children. */
struct running {
	RB_ENTRY(running) by_id;
	struct superd *superd;
	const char *id;			   /* its definition's, or malloc'd */
	const struct service *service;	   /* NULL once removed */
	const struct way *way;		   /* NULL once removed */
	struct prepared_command *prepared; /* NULL: internal, or redirected */
	const struct handler *handler;	   /* NULL: external */
	struct sink *sink;		   /* its own log, or NULL */
	struct stderr_log *stderr_log;	   /* stderr = log, or NULL */
	struct seat *seat;	     /* whose process serves it, or NULL */
	struct trade *trade;	     /* in an internal process: who
				      * serves it, or NULL */
	struct listener **listeners; /* the next one, or malloc'd */
	struct listener *listener;   /* where there is one only */
	struct line *line;	     /* of waiting connections, or NULL */
	unsigned nlisteners;
	uint32_t number; /* its name in notices */
	unsigned told_waiting;
	unsigned children;
	unsigned places[PLACES]; /* that its children hold */
	enum place_kind place;	 /* that a client takes; PLACES: none */
	uint8_t needs;		 /* bits of enum place_kind, at the start */
	bool elsewhere;		 /* an internal process has its listeners */
	bool removed, stale;
	bool owns_id; /* its id was malloc'd */
	enum closed closed : 8;
	struct override *override; /* what was set by hand, or NULL */
	struct bucket starts;
	struct counters counters;
	struct running_more *more; /* running_more.h; or NULL */
};

#endif
