/*
 * Safe opening of files that superd itself writes to, in directories that
 * others may write to as well: it follows none of their symbolic links and
 * accepts none of their files.
 */
#ifndef SUPERD_BASE_TRUSTED_OPEN_H
#define SUPERD_BASE_TRUSTED_OPEN_H

#include <sys/types.h>

/*
 * open(2) of an absolute path, close-on-exec and without blocking.  The
 * descriptor, which is non-blocking, or -1 with errno:
 * ENXIO   a FIFO without a reader
 * ELOOP   a symbolic link in a directory where somebody other than root and
 *         us could have made it
 * EPERM   a file in such a directory that is neither ours nor root's, or has
 *         more than one name
 * EISDIR  a directory
 * ENOTSUP a block device
 */
int trusted_open(const char *path, int flags, mode_t mode);

#endif
