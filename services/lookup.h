/*
 * Look up the addresses of a host without blocking: a process of its own does
 * it, and its answer comes through a pipe.
 */
#ifndef SERVICES_LOOKUP_H
#define SERVICES_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "services/tunnel.h"

enum { LOOKUP_MAX = 16 };

/*
 * Ask; returns a descriptor that becomes readable when there is an answer,
 * or -1 with errno.  Nobody waits for the process: SIGCHLD must be ignored.
 */
int lookup_start(const char *host, uint16_t port);
/* Read the answer and close the descriptor.  Number of addresses, 0: none
 * was found. */
size_t lookup_finish(int fd, struct tunnel_target answer[LOOKUP_MAX]);

#endif
