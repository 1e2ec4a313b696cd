/*
 * struct superd, the one object: who is who.  What each of them remembers is
 * its own; services and their listeners are in records.h, children in
 * children.h.  conf/ says what was wished.
 */
#ifndef SUPERD_RUNNING_SUPERD_H
#define SUPERD_RUNNING_SUPERD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>

#include "conf/conf.h"
#include "superd/base/generation.h"
#include "superd/base/limiter.h"
#include "superd/base/loop.h"
#include "superd/running/places.h"
#include "superd/running/reasons.h"

struct child;
struct children;
struct control;
struct datagrams;
struct denied;
struct denied_file;
struct denylist;
struct devices;
struct dump;
struct inquiries;
struct inside;
struct internals;
struct lingering;
struct listener;
struct logdump;
struct options;
struct prepared_command;
struct refusers;
struct reloads;
struct rpc;
struct running;
struct sensors;
struct sink;
struct sinks;
struct sources;
struct spawner;
struct stderr_pipes;
struct stop;
struct waiters;
struct way;

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
	struct internals *internals;
	bool elsewhere_changed; /* what they know is not true any more */
	/* what they want to hear of */
	void (*running_gone)(struct running *);
	void (*denied)(struct superd *, const struct denied *);
	struct inside *inside; /* this is one of them; or NULL */
	struct sources *sources;
	struct client_bits client_bits;
	struct denylist *denylist;
	struct denied_file *denied_file;
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
	struct lingering *lingering;
	struct dump *dump;	 /* while the state is written to a file */
	struct logdump *logdump; /* ... and to the log; or NULL */
	struct reload_counts reload_counts;
	bool ready; /* and announced: the start is over */
	struct stop *stop;
	bool stopping;
	struct limiter drops; /* lines about dropped datagrams */
	int64_t started;      /* loop_clock() */
};

#endif
