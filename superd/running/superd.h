/*
 * struct superd, of which there is one: the modules of the daemon, each of
 * which keeps its own state.  Running services and their listeners are in
 * records.h, children in children.h, their definitions in conf/conf.h.
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
#include "superd/base/vitals.h"
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
struct fd_store;
struct explainer;
struct inquiries;
struct inside;
struct lately;
struct internals;
struct lingering;
struct listener;
struct logdump;
struct options;
struct page;
struct prepared_command;
struct proxying;
struct refusers;
struct reloads;
struct rpc;
struct running;
struct saver;
struct sensors;
struct sink;
struct sinks;
struct sources;
struct spawner;
struct stderr_pipes;
struct stop;
struct tally;
struct waiters;
struct way;

RB_HEAD(running_tree, running);

/* The results of all reloads. */
struct reload_counts {
	uint64_t applied, refused;
	size_t unservable; /* entries that may be served later */
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
	const struct page *pages; /* serve/pages.h; a constant table */
	size_t npages;
	bool elsewhere_changed; /* internal processes need the new state */
	/* called when a service is freed, and when a client is denied */
	void (*running_gone)(struct running *);
	void (*denied)(struct superd *, const struct denied *);
	/* closes a connection that an internal process serves */
	void (*cut)(const struct child *);
	/* called when places may be free that other processes wait for */
	void (*places_free)(struct superd *);
	struct inside *inside;	   /* in an internal process; else NULL */
	struct proxying *proxying; /* the same */
	struct sources *sources;
	struct client_bits client_bits;
	struct denylist *denylist;
	struct denied_file *denied_file;
	struct sensors *sensors;
	struct inquiries *inquiries;
	struct spawner *spawner;
	struct prepared_command *internal_command; /* unprivileged */
	struct datagrams *datagrams;
	struct control *control;
	struct explainer *explainer;
	struct saver *saver;
	struct rpc *rpc;
	struct devices *devices;
	struct fd_store *fd_store; /* NULL: systemd keeps none */
	struct stderr_pipes *stderr_pipes;
	struct sinks *sinks;
	struct sink *sink; /* superd's own log, or NULL: the default */
	struct pool pools[PLACES];
	struct tally *tally; /* of PLACE_CONNECTION; or NULL: in tests */
	struct waiters *waiters;
	struct refusers *refusers;
	struct lately *lately; /* who was refused, or NULL */
	struct lingering *lingering;
	struct dump *dump;	 /* of the state to a file, or NULL */
	struct logdump *logdump; /* of the state to the log, or NULL */
	struct reload_counts reload_counts;
	bool resumed; /* this start follows an upgrade */
	bool ready;   /* the start is complete, and was announced */
	struct stop *stop;
	bool stopping;
	struct limiter drops; /* of log lines about dropped datagrams */
	int64_t started;      /* loop_clock() */
	struct vitals vitals; /* of the daemon, for a process that tells them */
};

#endif
