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

struct tunnel_plan {
	const struct tunnel_target *targets; /* tried in this order */
	size_t ntargets;
	const char *host; /* asked for again when none can be reached;
			   * NULL: the targets were given as they are */
	uint16_t port;
	unsigned idle;	  /* seconds without a byte; 0: no limit */
	unsigned connect; /* seconds until the next target is tried */
	bool keepalive;	  /* on the target's side, too */
};

/* The worker; see services/worker.h.  The plan stays the caller's. */
void tunnels_run(const struct tunnel_plan *, int channel, int poke);

#endif
