/* Who else may have written a configuration file. */
#include "conf/trust.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"

/* What the kernel shows for an owner that our user namespace does not know,
 * unless somebody has changed it. */
enum { OVERFLOW_ID = 65534 };

/* One line for each range: the first id within, outside, how many. */
static bool
is_mapped(unsigned id)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned first, outside, count;
	bool found = file == NULL;

	while (
	    !found && fscanf(file, "%u %u %u", &first, &outside, &count) == 3)
		found = id >= first && id - first < count;
	if (file != NULL)
		fclose(file);
	return found;
}

/* In a namespace of one user, all of the host that is not that user's is
 * nobody's; and nobody within it can have that id. */
static bool
is_trusted_owner(uid_t uid)
{
	return uid == 0 || uid == geteuid() ||
	    (uid == OVERFLOW_ID && !is_mapped(OVERFLOW_ID));
}

static bool
is_trusted_group(gid_t gid)
{
	return gid == 0 ||
	    (geteuid() != 0 && gid == getegid() && gid == geteuid());
}

/* May others than root and the starter write it? */
static bool
is_writable(const struct stat *st)
{
	return !is_trusted_owner(st->st_uid) || (st->st_mode & S_IWOTH) ||
	    ((st->st_mode & S_IWGRP) && !is_trusted_group(st->st_gid));
}

/* path NULL: of the file that the report is about. */
static char *
problem(const char *path, const struct stat *st)
{
	char who[64] = "";

	if (geteuid() != 0)
		snprintf(who, sizeof(who), " or user %u", geteuid());
	return xasprintf(
	    "%s%s%swritable by others: owner %u, group %u, mode %04o; "
	    "expected one that only root%s can write, or --insecure-files",
	    path != NULL ? "directory " : "", path != NULL ? path : "",
	    path != NULL ? ": " : "", st->st_uid, st->st_gid,
	    st->st_mode & 07777, who);
}

char *
trust_file(const struct stat *st)
{
	return is_writable(st) ? problem(NULL, st) : NULL;
}

char *
trust_directory(const char *path, const struct stat *st)
{
	return is_writable(st) ? problem(path, st) : NULL;
}

/* Who does not own a file in it cannot take it away. */
static bool
is_sticky(const struct stat *st)
{
	return (st->st_mode & S_ISVTX) && is_trusted_owner(st->st_uid);
}

/* malloc'd */
static char *
directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A link that others have made leads where they like. */
static bool
is_foreign_link(int directory, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	return fstatat(directory, slash != NULL ? slash + 1 : path, &st,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode) && !is_trusted_owner(st.st_uid);
}

static char *
check_parent(const char *path)
{
	char *directory = directory_of(path), *why = NULL;
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	/* what cannot be looked at, the reader will not find either */
	if (fd >= 0 && fstat(fd, &st) == 0 && is_writable(&st) &&
	    (!is_sticky(&st) || is_foreign_link(fd, path)))
		why = problem(directory, &st);
	if (fd >= 0)
		close(fd);
	free(directory);
	return why;
}

char *
trust_parent(const char *path)
{
	char *why = check_parent(path), *target;
	struct stat st;

	if (why != NULL || lstat(path, &st) != 0 || !S_ISLNK(st.st_mode))
		return why;
	target = realpath(path, NULL);
	if (target != NULL)
		why = check_parent(target);
	free(target);
	return why;
}
