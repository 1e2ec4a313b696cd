/*
 * What is running: struct superd, the one object, with its services as they
 * live, their listeners and their children.  conf/ says what was wished.
 */
#ifndef SUPERD_RUNNING_SUPERD_H
#define SUPERD_RUNNING_SUPERD_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>

#include "conf/conf.h"
#include "services/services.h"
#include "superd/base/binding.h"
#include "superd/base/generation.h"
#include "superd/base/limiter.h"
#include "superd/base/loop.h"
#include "superd/base/unix_node.h"
#include "superd/running/sources.h"
#include "superd/spawn/process.h"

/* Why a client was not served, or has to wait. */
enum refusal {
	ADMITTED,
	REFUSED_RATE, /* limits.rate */
	REFUSED_SOURCE_RATE,
	REFUSED_INSTANCES,
	REFUSED_PER_SOURCE,
	REFUSED_TOTAL,	     /* --max-children */
	REFUSED_CONNECTIONS, /* max_connections */
	REFUSED_TALKS,	     /* with tcpmux */
	REFUSED_SHARE,	     /* others shall have what is left */
	REFUSED_ACCESS,
	REFUSED_TIME,
	REFUSED_LOAD,
	REFUSED_LIBWRAP,
	REFUSED_SENSOR,	  /* denied: it has set off a sensor */
	REFUSED_USER,	  /* IDONLY: nobody says who it is */
	REFUSED_SHORTAGE, /* descriptors, processes, memory */
	REFUSED_LOOP,	  /* datagram that would answer itself */
	REFUSED_ANSWERS,  /* too many datagram answers to a source */
	REFUSAL_COUNT
};

/* What a connection takes up, of which there is so much for all. */
enum place_kind {
	PLACE_PROCESS,
	PLACE_CONNECTION, /* a worker's */
	PLACE_TALK,	  /* with tcpmux, until a service is chosen */
	PLACES
};

/* As bits of a set. */
#define ALL_PLACES ((1u << PLACES) - 1)

/* Places of one kind: see share.h. */
struct pool {
	unsigned max; /* LIMIT_NONE: any number */
	unsigned used;
	unsigned services; /* that need such places */
	unsigned idle;	   /* ... and hold none */
	int64_t asked;	   /* for the holders; loop_clock() */
	char holders[256]; /* as they were then: share_print() */
};

/* Why a listener is not watched now; watched if none is set. */
enum block {
	BLOCK_UNBOUND = 1,    /* no socket yet: bind is retried */
	BLOCK_BUSY = 2,	      /* a wait child has it */
	BLOCK_BACKOFF = 4,    /* its server does not read */
	BLOCK_RATE = 8,	      /* the service's bucket is empty */
	BLOCK_INSTANCES = 16, /* too many children of the service */
	BLOCK_HELD = 32,      /* in waiters->held: no place or a shortage */
	BLOCK_WORKER = 64,    /* its worker has no room, or died often */
	BLOCK_ASIDE = 128     /* a process of ours has it: aside.h */
};

struct superd;
struct running;
struct aside;
struct backlog;
struct line;
struct child;
struct prepared_command;
struct crew;
struct devices;
struct dump;
struct sensors;
struct stderr_log;
struct stderr_pipes;
struct logdump;
struct options;
struct sink;
struct refusers;
struct reloads;
struct running_more;
struct sinks;
struct waiters;
struct way;
struct workers;

/* Of a listener, where they are not its service's. */
struct own_addresses {
	struct endpoint endpoint;
	struct addr bound;
};

struct listener_more;
struct listeners;

struct listener {
	struct running *running;
	const struct endpoint *endpoint; /* what was asked for */
	struct binding binding;
	const struct addr *bound;    /* ... and what it became (port 0, rpc) */
	struct own_addresses *own;   /* where these are, or NULL */
	struct listener_more *more;  /* what few need, or NULL */
	int fd;			     /* -1: BLOCK_UNBOUND */
	unsigned blocked;	     /* enum block */
	int error;		     /* errno of the last failed bind */
	struct child *server;	     /* the wait child */
	bool orphan;		     /* kept for that child only */
	bool taken;		     /* by another service, in a reload */
	const struct service *fresh; /* for which this reload made it */
	bool lent;		     /* a server had it, or still has */
	uid_t lent_to;		     /* ... whose user may have left more */
	bool check_device;	     /* they changed meanwhile */
	bool beside;		     /* bind beside what is left of one */
	struct object node;	     /* unix: the one that is ours */
	TAILQ_ENTRY(listener) held;
	struct listeners *held_in;
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

/* A service as it runs.  Lives on after its removal while it has children. */
struct running {
	RB_ENTRY(running) by_id;
	struct superd *superd;
	char *id;
	const struct service *service;	   /* NULL once removed */
	const struct way *way;		   /* ... likewise */
	struct prepared_command *prepared; /* NULL: internal, or redirected */
	const struct handler *handler;	   /* NULL: external */
	struct sink *sink;		   /* its own log, or NULL */
	struct stderr_log *stderr_log;	   /* stderr = log, or NULL */
	struct crew *crew;		   /* NULL: not asked for yet */
	bool removed, stale;
	struct listener **listeners;
	size_t nlisteners;
	unsigned children;
	enum place_kind place;	 /* what it is for; PLACES: none */
	unsigned needs;		 /* bits of enum place_kind, at first */
	unsigned places[PLACES]; /* what its children hold */
	struct line *line;	 /* of connections, or NULL */
	struct bucket starts;
	struct counters counters;
	struct running_more *more; /* what few need, or NULL */
};

RB_HEAD(running_tree, running);

/* What reloads have come to. */
struct reload_counts {
	uint64_t applied, refused;
	size_t unservable; /* entries that may come right */
};

struct superd {
	const struct options *options;
	struct loop *loop;
	const struct conf *conf; /* of the newest generation */
	struct generations generations;
	struct reloads *reloads_asked;
	struct running_tree running_tree;
	struct children *children;
	struct workers *workers;
	struct sources *sources;
	struct client_bits client_bits;
	struct denylist *denylist;
	struct sensors *sensors;
	struct inquiries *inquiries;
	struct spawner *spawner;
	struct prepared_command *internal_command; /* nobody's */
	struct datagrams *datagrams;
	struct control *control;
	struct rpc *rpc;
	struct devices *devices;
	struct stderr_pipes *stderr_pipes;
	struct sinks *sinks;
	struct sink *sink; /* the daemon's own, or NULL */
	struct pool pools[PLACES];
	struct waiters *waiters;
	struct refusers *refusers;
	struct loop_timer watchdog_timer;
	struct dump *dump;	 /* while the state is written to a file */
	struct logdump *logdump; /* ... and to the log; or NULL */
	struct reload_counts reload_counts;
	bool ready; /* and announced: the start is over */
	bool stopping;
	struct limiter drops;	       /* lines about dropped datagrams */
	int64_t started;	       /* loop_clock() */
	struct loop_timer drain_timer; /* stopping as process 1 */
	struct loop_timer deadline_timer;
};

#endif
