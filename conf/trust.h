/*
 * Who else may have written a configuration file?  Whoever may write it says
 * what runs here, as whom.  Knows owners, modes and directories; not what a
 * file says.
 */
#ifndef CONF_TRUST_H
#define CONF_TRUST_H

#include <sys/stat.h>
#include <stdbool.h>

/*
 * Each returns NULL, or what is wrong, malloc'd.  Right are files that root
 * or the starter (the effective user id) owns and that nobody else may write:
 * the group may, where it is root's or the private group of a starter other
 * than root (their numbers are one).
 */

/* Of an open file. */
char *trust_file(const struct stat *);
/*
 * Of the directory in which the file of a path stands, and of the one where a
 * symbolic link leads.  Everybody may write a directory with the sticky bit,
 * such as /tmp: only its owner takes a file away there; a symbolic link in it
 * is the work of its owner.
 */
char *trust_parent(const char *path);
/* Of an open directory whose files are all read: others could add one, also
 * where the sticky bit is set. */
char *trust_directory(const char *path, const struct stat *);

#endif
