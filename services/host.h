/*
 * The host of streams and tunnels: the process that they run in, as far as
 * they know it.  It waits for their descriptors and hears what became of their
 * connections.
 */
#ifndef SERVICES_HOST_H
#define SERVICES_HOST_H

#include <stddef.h>
#include <stdint.h>

/* What is told of a connection that is over. */
struct connection_end {
	uint32_t id;
	int32_t error;	  /* errno of what failed, or 0 */
	uint64_t in, out; /* octets from the client, and to it */
};

/* What was given to watch() has these events of epoll(7). */
typedef void host_ready_fn(void *owner, unsigned events);

struct host {
	/* Watch a descriptor, or watch it for other events.  -1 with
	 * errno. */
	int (*watch)(struct host *, int fd, unsigned events, host_ready_fn *,
	    void *owner);
	int (*rewatch)(struct host *, int fd, unsigned events);
	/* Before fd is closed. */
	void (*unwatch)(struct host *, int fd);
	/* Something happens to a connection: now is set, and after this round
	 * of events their round() is called. */
	void (*wake)(struct host *);
	/* A connection is over. */
	void (*over)(struct host *, const struct connection_end *);
	/* The addresses of a target are wanted anew.  May be NULL. */
	void (*look_up)(struct host *);
	long long now; /* CLOCK_MONOTONIC in ms, as the round began */
	size_t room;   /* how many connections it has descriptors for */
};

/* Milliseconds until limit (seconds; 0: none) has passed since then, which was
 * host->now: 0 if it has, -1 for never, an hour at most. */
int host_left(const struct host *, long long then, unsigned limit);

#endif
