/*
 * The daemon's descriptors: their numbers, and how many there may be.
 * Accepted connections use the lowest free numbers; everything long-lived
 * (listeners, the loop's own, log, pid file) is kept at FD_HIGH and above, so
 * that a child can get rid of all of it with one close_range(2).
 */
#ifndef SUPERD_BASE_DESCRIPTORS_H
#define SUPERD_BASE_DESCRIPTORS_H

#include <stdbool.h>
#include <sys/resource.h>

#include <stddef.h>

enum { FD_HIGH = 64 };

/* Open /dev/null on each of 0, 1 and 2 that is closed.  0, or -1 with
 * errno. */
int fds_sanitize(void);
/* Close this descriptor and every higher one. */
void fds_close_from(int first);
/* The same, but for one; -1: none. */
void fds_close_but(int first, int keep);
/*
 * Move a descriptor below FD_HIGH to FD_HIGH or above, close-on-exec, and
 * return its new number.  If there is no room it keeps its number and becomes
 * close-on-exec; one that is high already, or -1, is returned as it is.
 * Preserves errno, so that it can wrap the call that makes the descriptor.
 */
int fd_high(int fd);
/* Move a descriptor to the lowest free number above 2, close-on-exec, and
 * return its new number, or the old one if that is lower. */
int fd_low(int fd);
/*
 * A pipe, pipe(7), between two processes, that neither ever waits for: each
 * end has its own flags, which nobody who has the other one can change.  Both
 * are at FD_HIGH or above.  0, or -1 with errno, and both ends are -1.
 */
int fd_pipe(int ends[2]);
/* Set or clear O_NONBLOCK.  0, or -1 with errno. */
int fd_nonblocking(int fd, int on);
/* close(2), preserving errno. */
void fd_drop(int fd);
/*
 * Close a connection that has been answered or refused.  Data that the client
 * has sent is discarded first, because closing with unread data sends a
 * reset, which can overtake our answer.  The number of calls is bounded: a
 * client that keeps sending gets the reset.  Never blocks.  For processes
 * without rights only, as it reads: others have lingering.h.
 */
void close_politely(int fd);
/*
 * Close a socket that another process has, or had: it may have set SO_LINGER,
 * socket(7), with which the last close waits for the client.  That is left to
 * a process that ends, which nothing holds up.  Never blocks.
 */
void close_shared(int fd);
/* Remove the first datagram or pending error from a socket; there is no room
 * for an octet of it.  True if it was a datagram.  Never blocks. */
bool fd_drop_datagram(int fd);
/*
 * Raise RLIMIT_NOFILE to at least count: the soft limit, and the hard limit
 * if permitted.  0, or -1 with errno if that many cannot be had; the soft
 * limit is then as high as the hard one.
 */
int fds_reserve(size_t count);
/* The RLIMIT_NOFILE that superd was started with, which children get back. */
const struct rlimit *fds_initial_limit(void);

#endif
