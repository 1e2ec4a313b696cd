/*
 * The load generator: N clients in one thread around epoll(7).  Each mode is
 * one file with one function; all print "name=value" lines.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan {
	struct sockaddr_in to;
	unsigned clients;
	double seconds;
	size_t size; /* bytes of a request */
};

/* What became of the requests. */
struct outcome {
	uint64_t done, empty, refused, reset, timeout, error, bytes;
};

/* One function a mode; the exit status. */
int load_connect(const struct plan *);	/* connect, read to the end */
int load_exchange(const struct plan *); /* connect, echo, close */
int load_proxied(const struct plan *);	/* the first, behind a proxy */
int load_datagram(const struct plan *); /* udp request and answer */
int load_bulk(const struct plan *);	/* read as fast as it comes */
int load_idle(const struct plan *);	/* open, echo once, hold */
int load_await(const struct plan *);	/* until it is answered */

/* clock.c: CLOCK_MONOTONIC in microseconds, and a connecting socket. */
int64_t now_us(void);
/* Non-blocking and connecting from one of our four addresses; or -1. */
int connect_from(unsigned client, const struct sockaddr_in *to);

/* samples.c: latencies in microseconds. */
struct samples {
	uint32_t *us;
	size_t n, room;
};

void samples_add(struct samples *, int64_t us);
/* Sorts them. */
void samples_print(struct samples *);
void outcome_print(const struct outcome *, int64_t us);

#endif
