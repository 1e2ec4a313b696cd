/*
 * Files that are replaced: made under another name and put in the place of
 * the old one, so that whoever reads them finds them whole, and no link that
 * lies there is followed.  rename(2).
 */
#ifndef SUPERD_BASE_FILE_REPLACE_H
#define SUPERD_BASE_FILE_REPLACE_H

#include "superd/base/text.h"

/* 0 or an errno.  It may take its time: for a process of its own. */
int file_replace(const char *path, const struct text *);

#endif
