/* A relay between two stream sockets, with half-close.  Knows bytes only. */
#ifndef SERVICES_RELAY_H
#define SERVICES_RELAY_H

#include <stdint.h>

struct relay_traffic {
	uint64_t in, out;	/* octets from a to b, and back */
};

/*
 * Copy both ways until both ends are closed, or nothing moved for idle
 * seconds (0: no limit).  The end of one direction is passed on by
 * shutdown(2), while the other goes on.  Memory is bounded: a side that does
 * not read stops the other.
 */
void	relay(int a, int b, unsigned idle, struct relay_traffic *);

#endif
