/*
 * Files that are replaced: made under another name and put in the place of
 * the old one, so that whoever reads them finds them whole, and no link that
 * lies there is followed.  rename(2).
 */
#ifndef SUPERD_BASE_FILE_REPLACE_H
#define SUPERD_BASE_FILE_REPLACE_H

#include <stddef.h>
#include <stdint.h>

#include "superd/base/text.h"

/* 0 or an errno.  It may take its time: for a process of its own. */
int file_replace(const char *path, const struct text *);
/*
 * The same for a file of somebody else's, where a symbolic link may lead to it:
 * the new one has its owner, mode and extended attributes, access lists among
 * them.  stamp: source_stamp() of the file that was read.  ESTALE: it is
 * another one now.
 */
int file_rewrite(const char *path, uint64_t stamp, const char *bytes,
    size_t length);

#endif
