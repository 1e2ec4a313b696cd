/*
 * A connection of an internal service as a state machine that never blocks.
 * It costs only the state kept between two events.
 */
#ifndef SERVICES_STREAM_H
#define SERVICES_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The room of the block that all connections share; also the most that is
 * kept for a client that does not read. */
enum { STREAM_BLOCK = 32768 };

struct stream {
	int fd;
	unsigned wanted;  /* EPOLLIN, EPOLLOUT: when to step again */
	bool ended;	  /* the client sends no more */
	bool over;	  /* to be closed */
	char *rest;	  /* taken from the client, not sent yet */
	size_t at, held;  /* of rest */
	uint64_t in, out; /* octets from the client, and to it */
};

/* One step: a bounded amount of work.  block: STREAM_BLOCK octets. */
typedef void stream_step(struct stream *, char *block);

/* Free what is kept; the caller closes the descriptor. */
void stream_free(struct stream *);

/* For the handlers: */

/* Read what has arrived.  Octets; 0: nothing now, or the end (ended or over).
 */
size_t stream_take(struct stream *, char *block, int flags);
/* Send; returns how much the socket took, and is over where it is broken. */
size_t stream_put(struct stream *, const char *, size_t);
/* Send, and keep what the socket does not take. */
void stream_send(struct stream *, const char *, size_t);
/* Send what was kept.  True when nothing is left. */
bool stream_flush(struct stream *);

struct handler;

struct stream_plan {
	const struct handler *handler;
	unsigned idle; /* seconds without an octet; 0: no limit */
};

struct host;
struct streams;

/* The connections of one handler, in a process that has others, too.  The
 * plan is copied, the host stays the caller's.  NULL: no memory. */
struct streams *streams_new(struct host *, const struct stream_plan *);
/* A connection came; fd is theirs from now on. */
void streams_begin(void *streams, uint32_t id, int fd);
/* End one, if there is such a connection. */
void streams_cut(void *streams, uint32_t id);
/* After each round of events: ms until it wants to be called again without
 * any; -1: never. */
int streams_round(void *streams);

#endif
