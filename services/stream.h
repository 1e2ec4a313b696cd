/* Streams: connections of internal services, as state machines that never
 * block. */
#ifndef SERVICES_STREAM_H
#define SERVICES_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The size, in octets, of the block that all connections share, and the most
 * that is kept for a client that does not read. */
enum { STREAM_BLOCK = 32768 };

struct stream {
	int fd;
	unsigned wanted;  /* EPOLLIN and EPOLLOUT: when to step again */
	bool ended;	  /* the client has shut down its side */
	bool over;	  /* to be closed */
	char *rest;	  /* to be sent later */
	size_t at, held;  /* its start and its end in rest */
	uint64_t in, out; /* octets from the client, and to it */
};

/* Do a bounded amount of work.  block: STREAM_BLOCK octets. */
typedef void stream_step(struct stream *, char *block);

/* Free rest; the caller closes the descriptor. */
void stream_free(struct stream *);

/* For handlers: */

/* recv(2) with these flags.  The number of octets; 0: none now, or the end,
 * which sets ended or over. */
size_t stream_take(struct stream *, char *block, int flags);
/* Send.  The number of octets that the socket took; an error sets over. */
size_t stream_put(struct stream *, const char *, size_t);
/* Send, and keep the rest, at most STREAM_BLOCK octets. */
void stream_send(struct stream *, const char *, size_t);
/* Send what was kept.  True: nothing is left. */
bool stream_flush(struct stream *);

struct handler;

struct stream_plan {
	const struct handler *handler;
	unsigned idle; /* seconds without an octet; 0: no limit */
};

struct host;
struct streams;

/* Make the set of connections of one service.  The plan is copied, the host
 * remains the caller's.  NULL: out of memory. */
struct streams *streams_new(struct host *, const struct stream_plan *);
/* Serve a connection, and take fd. */
void streams_begin(void *streams, uint32_t id, int fd);
/* Close the connection of this id, if there is one. */
void streams_cut(void *streams, uint32_t id);
/* To be called after each round of events.  In how many ms to call it again if
 * there are no events; -1: not at all. */
int streams_round(void *streams);

#endif
