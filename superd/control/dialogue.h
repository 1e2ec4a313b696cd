/*
 * The other end of the control socket: superctl's connection to superd, and
 * what comes back on it.  Deadlines are times of dialogue_now().  unix(7).
 */
#ifndef SUPERD_CONTROL_DIALOGUE_H
#define SUPERD_CONTROL_DIALOGUE_H

#include <sys/types.h>
#include <stddef.h>

struct answer {
	char *bytes;
	size_t length, room;
};

/* Milliseconds of CLOCK_MONOTONIC. */
long long dialogue_now(void);
/* A connected descriptor, the caller's; or -1 with errno, EAGAIN after so many
 * seconds. */
int dialogue_connect(const char *path, unsigned timeout);
/* As read(2), but -1 with ETIMEDOUT when the deadline has passed. */
ssize_t dialogue_read(int fd, char *bytes, size_t size, long long deadline);
/* Receive all there will be; the bytes are malloc'd, and terminated.  0, or -1
 * with errno. */
int dialogue_receive(int fd, struct answer *, long long deadline);
/* The same up to the first line, and what came with it. */
int dialogue_receive_line(int fd, struct answer *, long long deadline);
/* Receive some more, however long that takes.  As read(2). */
ssize_t dialogue_more(int fd, struct answer *);

#endif
