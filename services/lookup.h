/*
 * Asking for the addresses of a host without waiting for them: a process of
 * its own asks, and its answer comes through a pipe.
 */
#ifndef SERVICES_LOOKUP_H
#define SERVICES_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "services/tunnel.h"

enum { LOOKUP_MAX = 16 };

/*
 * Ask; returns a descriptor that becomes readable when there is an answer,
 * or -1 with errno.  The process is nobody's to wait for: SIGCHLD has to be
 * ignored.
 */
int lookup_start(const char *host, uint16_t port);
/* Read the answer and close the descriptor.  Number of addresses, 0: none
 * was found. */
size_t lookup_finish(int fd, struct tunnel_target answer[LOOKUP_MAX]);

#endif
