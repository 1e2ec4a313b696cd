/* Byte input and output with a deadline, on blocking or other sockets. */
#ifndef SERVICES_IO_H
#define SERVICES_IO_H

#include <stddef.h>
#include <sys/types.h>

/* Write all bytes, whatever short writes and EINTR.  timeout: for all of it, in
 * ms; -1: none.  0, or -1 with errno, ETIMEDOUT among others. */
int write_all(int fd, const void *, size_t, int timeout);
/*
 * One line up to LF, read byte by byte at its end so that not one byte after
 * it is taken (MSG_PEEK on sockets).  CR LF and LF are removed, buf is
 * terminated.  Returns the length, or -1: EMSGSIZE line does not fit,
 * ETIMEDOUT, EPROTO a NUL byte, ECONNRESET end of file before LF.
 */
ssize_t read_line(int fd, char *buf, size_t size, int timeout);
/* What there is of one now, behind the *used bytes of earlier calls (0 at
 * first, less than size - 1).  1: it is whole; 0: not yet; -1 as above. */
int take_line(int fd, char *buf, size_t size, size_t *used);
/* The time of CLOCK_MONOTONIC, in ms. */
long long monotonic_ms(void);

#endif
