/* Names and the inodes behind them. */
#include "superd/base/object.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "superd/base/descriptors.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452 /* Linux 6.6, the same everywhere */
#endif

static bool
is_it(const struct stat *st, const struct object *object)
{
	return st->st_dev == object->device && st->st_ino == object->inode;
}

int
object_of(int fd, struct object *object)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	object->device = st.st_dev;
	object->inode = st.st_ino;
	return 0;
}

int
object_open(const char *path, const struct object *object)
{
	struct stat st;
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && is_it(&st, object))
		return fd;
	close(fd);
	errno = ESTALE;
	return -1;
}

/* fchmod(2) rejects O_PATH descriptors.  Older kernels have the link in /proc,
 * which leads to the object whatever its name is by now. */
static int
change_mode(int fd, mode_t mode)
{
	char link[32];

	if (syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return chmod(link, mode);
}

int
object_permit(int fd, uid_t uid, gid_t gid, mode_t mode)
{
	if ((uid != (uid_t)-1 || gid != (gid_t)-1) &&
	    fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0)
		return -1;
	return change_mode(fd, mode);
}

/* Open the directory of a path; name becomes the path's last component. */
static int
open_parent(const char *path, const char **name)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');

	*name = slash == NULL ? path : slash + 1;
	if (strlcpy(parent, path, sizeof(parent)) >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (slash == NULL)
		strlcpy(parent, ".", sizeof(parent));
	else
		parent[slash - path + (slash == path)] = '\0';
	return open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int
object_remove(const char *path, const struct object *object)
{
	struct stat st;
	const char *name;
	int dir = open_parent(path, &name), result;

	if (dir < 0)
		return -1;
	result = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
	if (result == 0 && !is_it(&st, object)) {
		errno = ESTALE;
		result = -1;
	}
	if (result == 0)
		result = unlinkat(dir, name, 0);
	fd_drop(dir);
	return result;
}
