/*
 * A worker: one process that serves many connections.  They come through a
 * channel, a socket of type SOCK_SEQPACKET, each with a number, and the
 * end of each is reported there.  Knows descriptors and events only; what is
 * done with a connection is the trade's business.
 */
#ifndef SERVICES_WORKER_H
#define SERVICES_WORKER_H

#include <stddef.h>
#include <stdint.h>

/* Connections in one message: their numbers, and as many descriptors. */
enum { WORKER_BATCH = 16 };

/* The report of one that is over; a message holds one or several. */
struct worker_ended {
	uint32_t id;
	int32_t error;	  /* errno of what failed, or 0 */
	uint64_t in, out; /* octets from the client, and to it */
};

struct worker;

struct trade {
	/* how many descriptors one connection needs */
	unsigned descriptors;
	/* A connection came; fd is the trade's from now on. */
	void (*begin)(struct worker *, void *arg, uint32_t id, int fd);
	/* What was given to worker_watch() has these events of epoll(7). */
	void (*ready)(struct worker *, void *arg, void *owner, unsigned events);
	/* After each round of events: ms until it wants to be called again
	 * without any; -1: never.  NULL: never. */
	int (*round)(struct worker *, void *arg);
};

/* How many connections a worker may take at once, as far as it is known
 * before it starts, of a trade that needs so many descriptors for each. */
size_t worker_capacity(unsigned descriptors);
/*
 * poke is an eventfd(2), or -1: when it becomes readable, a struct
 * worker_ended of zeros is sent, which ends no connection but shows that the
 * worker runs.
 * Serve until the other end of the channel is closed and the last connection
 * is over.  Takes the channel.
 */
void worker_run(int channel, int poke, const struct trade *, void *arg);
/* Watch a descriptor, or watch it for other events.  -1 with errno. */
int worker_watch(struct worker *, int fd, unsigned events, void *owner);
int worker_rewatch(struct worker *, int fd, unsigned events, void *owner);
/* Before fd is closed: another process may still have it open, and then the
 * kernel would go on to report it. */
void worker_unwatch(struct worker *, int fd);
/* A connection is over. */
void worker_over(struct worker *, const struct worker_ended *);
/* How many connections it takes at once. */
size_t worker_room(const struct worker *);
/* Milliseconds until limit (seconds; 0: none) has passed since then, which was
 * worker_now(): 0 if it has, -1 for never, an hour at most. */
int worker_left(const struct worker *, long long then, unsigned limit);
/* monotonic_ms() at the beginning of this round. */
long long worker_now(const struct worker *);

#endif
