/*
 * Trust: can users other than root write a configuration file?  They could run
 * anything as anybody.  Knows owners, modes and directories, not contents.
 */
#ifndef CONF_TRUST_H
#define CONF_TRUST_H

#include <sys/stat.h>
#include <stdbool.h>

/*
 * Each function returns NULL, or why it is not trusted, malloc'd.  Trusted are
 * files owned by root or by our effective user that nobody else can write,
 * except the group root, or the private group of our user, whose id is the
 * same, unless that is root.
 */

/* Check an open file. */
char *trust_file(const struct stat *);
/*
 * Check the directory of a path, and that of the file that a symbolic link
 * leads to.  A directory with the sticky bit, such as /tmp, may be writable for
 * all, since only its owner can replace a file; a symbolic link in it is
 * trusted if its owner is.
 */
char *trust_parent(const char *path);
/* Check an open directory whose files are all read: others could add one, even
 * with the sticky bit. */
char *trust_directory(const char *path, const struct stat *);

#endif
