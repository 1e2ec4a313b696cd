/* Files that are replaced. */
#include "superd/base/file_replace.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/source.h"
#include "services/io.h"

static int
fill(int fd, const char *bytes, size_t length)
{
	int error = 0;

	if (write_all(fd, bytes, length, -1) != 0 || fsync(fd) != 0)
		error = errno;
	if (close(fd) != 0 && error == 0)
		error = errno;
	return error;
}

int
file_replace(const char *path, const struct text *text)
{
	char name[PATH_MAX];
	int fd, error;

	if (text->failed)
		return ENOMEM;
	if ((size_t)snprintf(name, sizeof(name), "%s.XXXXXX", path) >=
	    sizeof(name))
		return ENAMETOOLONG;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = fill(fd, text->bytes, text->length);
	if (error == 0 && rename(name, path) != 0)
		error = errno;
	if (error != 0)
		unlink(name);
	return error;
}

/* Files that somebody else made. */

enum { NAMES_MAX = 4096, VALUE_MAX = 65536 };

/* What a file system does not have, or not for us, it may go without; but an
 * access list that is lost could open the file. */
static int
copy_attribute(int from, int to, const char *name, char *value)
{
	ssize_t length = fgetxattr(from, name, value, VALUE_MAX);

	if (length < 0)
		return errno == ENODATA ? 0 : errno;
	if (fsetxattr(to, name, value, (size_t)length, 0) == 0)
		return 0;
	return strncmp(name, "system.", strlen("system.")) == 0 ? errno : 0;
}

static int
copy_attributes(int from, int to)
{
	static char names[NAMES_MAX], value[VALUE_MAX];
	ssize_t length = flistxattr(from, names, sizeof(names));
	int error = length < 0 && errno != ENOTSUP ? errno : 0;

	for (ssize_t at = 0; error == 0 && at < length;
	     at += (ssize_t)strlen(&names[at]) + 1)
		error = copy_attribute(from, to, &names[at], value);
	return error;
}

/* The owner first: it takes away some bits of the mode. */
static int
copy_rights(int from, int to, const struct stat *st)
{
	if (fchown(to, st->st_uid, st->st_gid) != 0 ||
	    fchmod(to, st->st_mode & 07777) != 0)
		return errno;
	return copy_attributes(from, to);
}

/* Beside the old one, in its directory; the new one's name begins with a dot,
 * so that nobody takes it for a part of a configuration. */
static int
rewrite_at(int directory, const char *name, uint64_t stamp, const char *bytes,
    size_t length)
{
	char beside[NAME_MAX + 1];
	struct stat st;
	int old, new, error = 0;

	snprintf(beside, sizeof(beside), ".superd.%ld", (long)getpid());
	old = openat(directory, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (old < 0)
		return errno;
	if (fstat(old, &st) != 0 || source_stamp(0, &st) != stamp) {
		close(old);
		return ESTALE;
	}
	new = openat(directory, beside,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (new < 0)
		error = errno;
	if (error == 0) {
		error = copy_rights(old, new, &st);
		if (error != 0)
			close(new);
		else
			error = fill(new, bytes, length);
		if (error == 0 &&
		    renameat(directory, beside, directory, name) != 0)
			error = errno;
		if (error != 0)
			unlinkat(directory, beside, 0);
	}
	close(old);
	return error;
}

int
file_rewrite(const char *path, uint64_t stamp, const char *bytes, size_t length)
{
	char real[PATH_MAX], *name;
	int directory, error;

	if (realpath(path, real) == NULL)
		return errno;
	name = strrchr(real, '/');
	*name++ = '\0';
	directory = open(real[0] != '\0' ? real : "/",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return errno;
	error = rewrite_at(directory, name, stamp, bytes, length);
	if (error == 0)
		fsync(directory);
	close(directory);
	return error;
}
