/*
 * Opening a file that superd writes to by itself, in directories where others
 * may write as well: no symbolic link of theirs is followed, and no file of
 * theirs is taken.
 */
#ifndef SUPERD_BASE_TRUSTED_OPEN_H
#define SUPERD_BASE_TRUSTED_OPEN_H

#include <sys/types.h>

/*
 * open(2) of an absolute path, without waiting for anybody (a FIFO without a
 * reader is ENXIO) and close-on-exec.  A symbolic link is followed where only
 * root or we could have made it; elsewhere it is ELOOP.  What stands in a
 * directory of others is EPERM unless it is ours or root's, with one name.
 * Neither a directory (EISDIR) nor a block device (ENOTSUP) is opened.
 */
int trusted_open(const char *path, int flags, mode_t mode);

#endif
