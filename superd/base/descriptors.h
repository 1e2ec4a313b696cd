/*
 * Descriptors of the daemon: where they live, and how many there may be.
 * Accepted connections take the lowest free numbers; everything that lasts
 * (listeners, the loop's own, log, pid file) lives at FD_HIGH and above, so
 * that a child can be given a table without them by one close_range(2).
 */
#ifndef SUPERD_BASE_DESCRIPTORS_H
#define SUPERD_BASE_DESCRIPTORS_H

#include <stdbool.h>
#include <sys/resource.h>

#include <stddef.h>

enum { FD_HIGH = 64 };

/* Open /dev/null on those of 0-2 that are closed.  -1 with errno. */
int fds_sanitize(void);
/* Close every descriptor above 2: none of the starter's is wanted. */
void fds_close_inherited(void);
/*
 * Move a descriptor to FD_HIGH or above, close-on-exec, and return its new
 * number.  Where there is no room the old number is returned (then close-
 * on-exec too); -1 stays -1, errno untouched.
 */
int fd_high(int fd);
/* Move a close-on-exec descriptor to the lowest free number above 2. */
int fd_low(int fd);
int fd_nonblocking(int fd, int on);
/* Close it; errno is kept. */
void fd_drop(int fd);
/*
 * Close a connection that was answered or refused.  What the client sent is
 * thrown away first: closing over unread data would send a reset, which can
 * overtake our answer.  A client that goes on sending gets one; the calls are
 * bounded.
 */
void close_politely(int fd);
/* Take the first datagram, or error, from a socket, and no byte of it.  Was
 * it a datagram? */
bool fd_drop_datagram(int fd);
/*
 * Make room for count descriptors: the soft limit is raised, and the hard
 * one where that is allowed.  -1 with errno if that many cannot be had.
 */
int fds_reserve(size_t count);
/* The limit that superd was started with: what children get. */
const struct rlimit *fds_initial_limit(void);

#endif
