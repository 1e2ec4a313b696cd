/*
 * What serves a child: one of these, at any time, which is part of the record
 * of the child (children.h) and is its owner's; types only.
 */
#ifndef SUPERD_RUNNING_CHILD_KINDS_H
#define SUPERD_RUNNING_CHILD_KINDS_H

#include <stdbool.h>
#include <stdint.h>

#include <bsd/sys/queue.h>

#include "superd/spawn/process.h"

struct batch;
struct child;
struct internal;
struct stderr_pipe;

enum child_kind {
	CHILD_NEW,   /* nobody yet, or again */
	CHILD_ASKED, /* ... because something is asked about it first:
		      * serve/asking.h */
	CHILD_RUNS,  /* a process of its own */
	CHILD_HOSTED /* an internal process, among others */
};

/* serve/server.h.  The process is recorded until it has ended or is forgotten;
 * the pipe is stderr_pipe.h's, and outlives this. */
struct child_process {
	struct process process;
	struct stderr_pipe *stderr_pipe; /* its stderr, or NULL */
	unsigned leaf;			 /* superd/spawn/leaves.h; 0: none */
};

/* serve/internal.h: a connection that it has.  The internal process is not the
 * child's: it has the child in its list. */
struct hosted {
	struct internal *internal;
	uint32_t id; /* number of the connection, there and here; not 0 */
	TAILQ_ENTRY(child) mates; /* in the internal process's list */
	TAILQ_ENTRY(child) queue; /* there: to be served, or given back; */
	struct batch *batch;	  /* here: among those who wait for a page,
				   * serve/printing.h, or NULL */
	uint32_t wanted;	  /* ... for the service of this number */
	bool traffic_known;
	uint64_t in, out; /* octets, then */
};

#endif
