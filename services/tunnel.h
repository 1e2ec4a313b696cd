/*
 * Connections forwarded to another host, all in one process: each is a tunnel
 * with half-close, whose bytes are moved by splice(2) when there are many.
 * Knows addresses and bytes only.
 */
#ifndef SERVICES_TUNNEL_H
#define SERVICES_TUNNEL_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptors of a tunnel: its sockets, and one for the pipes of all, which
 * would leave none to new ones otherwise. */
enum { TUNNEL_DESCRIPTORS = 3 };

struct tunnel_target {
	union {
		struct sockaddr sa;
		struct sockaddr_storage room;
	} addr;
	socklen_t length;
};

enum { TUNNEL_TARGETS = 16 };

struct tunnel_plan {
	struct tunnel_target targets[TUNNEL_TARGETS]; /* in this order */
	size_t ntargets;
	bool named;	  /* they are those of a name, which is looked up
			   * again when none can be reached */
	unsigned idle;	  /* seconds without a byte; 0: no limit */
	unsigned connect; /* seconds until the next target is tried */
	bool keepalive;	  /* on the target's side, too */
};

struct host;
struct tunnels;

/* The connections of one redirected service, in a process that has others,
 * too.  The plan is copied, the host stays the caller's.  NULL: no memory. */
struct tunnels *tunnels_new(struct host *, const struct tunnel_plan *);
/* A connection came; fd is theirs from now on, and does not block. */
void tunnels_begin(void *tunnels, uint32_t id, int fd);
/* End one, if there is such a connection: both sides are reset. */
void tunnels_cut(void *tunnels, uint32_t id);
/* After each round of events: ms until it wants to be called again without
 * any; -1: never. */
int tunnels_round(void *tunnels);
/* What host->look_up() has found.  Nothing is no news. */
void tunnels_found(struct tunnels *, const struct tunnel_target *, size_t);

#endif
