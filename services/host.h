/*
 * The host: what streams and tunnels need of the process that they run in.  It
 * waits for their descriptors, and is told when their connections end.
 */
#ifndef SERVICES_HOST_H
#define SERVICES_HOST_H

#include <stddef.h>
#include <stdint.h>

/* The end of a connection. */
struct connection_end {
	uint32_t id;
	int32_t error;	  /* errno of what failed, or 0 */
	uint64_t in, out; /* octets from the client, and to it */
};

/* A watched descriptor has these events of epoll(7). */
typedef void host_ready_fn(void *owner, unsigned events);

struct host {
	/* Watch a descriptor, or watch it for other events.  -1 with
	 * errno. */
	int (*watch)(struct host *, int fd, unsigned events, host_ready_fn *,
	    void *owner);
	int (*rewatch)(struct host *, int fd, unsigned events);
	/* To be called before fd is closed. */
	void (*unwatch)(struct host *, int fd);
	/* A connection has an event: set now, and call streams_round() or
	 * tunnels_round() after this round of events. */
	void (*wake)(struct host *);
	/* A connection has ended. */
	void (*over)(struct host *, const struct connection_end *);
	/* Look up the addresses of the target again.  May be NULL. */
	void (*look_up)(struct host *);
	long long now; /* CLOCK_MONOTONIC in ms, at the start of the round */
	size_t room;   /* the number of connections it has descriptors for */
};

/* Milliseconds until limit, in seconds, has passed since then, a time of
 * host->now: 0 if it has passed, at most an hour; -1: never, as limit is 0. */
int host_left(const struct host *, long long then, unsigned limit);

#endif
