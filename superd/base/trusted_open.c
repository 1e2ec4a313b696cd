/*
 * Walks the path from the root, one directory at a time, and keeps each open
 * while it looks up the next name in it, so that the directory checked is the
 * one used.
 */
#include "superd/base/trusted_open.h"

#include <sys/stat.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/descriptors.h"

enum { LINKS_MAX = 40 };

struct walk {
	int dir;    /* O_PATH: the current directory */
	char *rest; /* of the path */
	unsigned links;
	int flags;
	mode_t mode;
};

static bool
is_ours(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/*
 * Can only root and we create files here?  Members of the directory's group
 * may, too: the administrator has chosen them.
 */
static bool
is_trusted(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && is_ours(st.st_uid) &&
	    (st.st_mode & S_IWOTH) == 0;
}

static bool
is_proc(int dir)
{
	struct statfs fs;

	return fstatfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

static bool
enter(struct walk *walk, const char *name, int flags)
{
	int next = openat(walk->dir, name, O_PATH | O_CLOEXEC | flags);

	if (next < 0)
		return false;
	close(walk->dir);
	walk->dir = next;
	return true;
}

/* Follow a symbolic link: put its target before the rest. */
static bool
follow(struct walk *walk, const char *name)
{
	char target[PATH_MAX], *rest;
	ssize_t length;

	if (!is_trusted(walk->dir) || ++walk->links > LINKS_MAX) {
		errno = ELOOP;
		return false;
	}
	length = readlinkat(walk->dir, name, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	rest = xasprintf("%s/%s", target, walk->rest);
	free(walk->rest);
	walk->rest = rest;
	return target[0] != '/' || enter(walk, "/", O_DIRECTORY);
}

static bool
is_link(const struct walk *walk, const char *name)
{
	struct stat st;

	return fstatat(walk->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode);
}

static bool
is_acceptable(const struct walk *walk, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	errno = S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP;
	if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode))
		return false;
	errno = EPERM;
	return is_trusted(walk->dir) || is_proc(walk->dir) ||
	    (is_ours(st.st_uid) && st.st_nlink == 1);
}

static int
open_last(const struct walk *walk, const char *name, int flags)
{
	int fd = openat(walk->dir, name,
	    walk->flags | flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    walk->mode);

	if (fd < 0 || is_acceptable(walk, fd))
		return fd;
	fd_drop(fd);
	return -1;
}

/* Cut the first name off the rest of the path.  Slashes at the end come from
 * links that were followed. */
static char *
next_name(struct walk *walk)
{
	char *start = walk->rest + strspn(walk->rest, "/"), *name, *rest;
	size_t length = strcspn(start, "/");

	name = xstrndup(start, length);
	rest = xstrdup(start + length + strspn(start + length, "/"));
	free(walk->rest);
	walk->rest = rest;
	return name;
}

/* Walk one name further.  True: the walk is over, with a descriptor or -1. */
static bool
step(struct walk *walk, const char *name, int *fd)
{
	bool last = walk->rest[0] == '\0';

	*fd = -1;
	if (is_link(walk, name)) {
		/* as /proc/self/fd/1, whose target is not a path */
		if (last && is_proc(walk->dir)) {
			*fd = open_last(walk, name, 0);
			return true;
		}
		return !follow(walk, name);
	}
	if (last) {
		*fd = open_last(walk, name, O_NOFOLLOW);
		return true;
	}
	return !enter(walk, name, O_DIRECTORY | O_NOFOLLOW);
}

int
trusted_open(const char *path, int flags, mode_t mode)
{
	struct walk walk = { .flags = flags, .mode = mode };
	bool over = false;
	int fd = -1;

	walk.dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk.dir < 0)
		return -1;
	walk.rest = xstrdup(path);
	while (!over) {
		char *name = next_name(&walk);
		int saved;

		over = step(&walk, name[0] == '\0' ? "." : name, &fd);
		saved = errno;
		free(name);
		errno = saved;
	}
	fd_drop(walk.dir);
	free(walk.rest);
	return fd;
}
