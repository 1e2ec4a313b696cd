/*
 * Tunnels: connections that are forwarded to another host, with half-close.
 * Much data is moved with splice(2).  Knows only addresses and bytes.
 */
#ifndef SERVICES_TUNNEL_H
#define SERVICES_TUNNEL_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many descriptors a tunnel is reckoned with: its two sockets, and one for
 * the pipes, which tunnels with much data use. */
enum { TUNNEL_DESCRIPTORS = 3 };

struct tunnel_target {
	union {
		struct sockaddr sa;
		struct sockaddr_storage room;
	} addr;
	socklen_t length;
};

enum { TUNNEL_TARGETS = 16, TUNNEL_FIRST = 128 };

struct tunnel_plan {
	struct tunnel_target targets[TUNNEL_TARGETS]; /* in this order */
	size_t ntargets;
	bool named;	  /* they are addresses of a name, which is looked
			   * up again if none can be reached */
	unsigned idle;	  /* seconds without data; 0: no limit */
	unsigned connect; /* seconds until the next target is tried */
	bool keepalive;	  /* SO_KEEPALIVE on the target's side, too */
	/* Write what the target is to get before anything of the client, at
	 * most TUNNEL_FIRST octets, and return their number.  NULL: nothing.
	 * id and fd: the client's. */
	size_t (*first)(void *arg, uint32_t id, int fd, uint8_t *buf);
	void *arg;
};

struct host;
struct tunnels;

/* Make the set of connections of one redirected service.  The plan is copied,
 * the host remains the caller's.  NULL: out of memory. */
struct tunnels *tunnels_new(struct host *, const struct tunnel_plan *);
/* Forward a connection, and take fd, which must be non-blocking. */
void tunnels_begin(void *tunnels, uint32_t id, int fd);
/* Reset both sides of the connection of this id, if there is one. */
void tunnels_cut(void *tunnels, uint32_t id);
/* To be called after each round of events.  In how many ms to call it again if
 * there are no events; -1: not at all. */
int tunnels_round(void *tunnels);
/* Use the addresses that host->look_up() has led to; none: keep the old. */
void tunnels_found(struct tunnels *, const struct tunnel_target *, size_t);

#endif
