/* Files of cgroup2. */
#include "superd/base/cgroup.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUMBERS = 16 }; /* characters */

/* "0::/path": the only line of version 2. */
static int
own_path(char *path, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX];
	int found = -1;

	if (file == NULL)
		return -1;
	while (found != 0 && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "0::/", strlen("0::/")) == 0) {
			line[strcspn(line, "\n")] = '\0';
			found = 0;
		}
	fclose(file);
	errno = ENOENT;
	if (found != 0 || (size_t)snprintf(path, size, "%s", line + 3) >= size)
		return -1;
	return 0;
}

/* proc_pid_mountinfo(5): "ID PARENT DEV ROOT POINT OPTIONS ... - TYPE ..." */
static int
mount_point(char *point, size_t size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[2 * PATH_MAX];
	int found = -1;

	if (file == NULL)
		return -1;
	while (found != 0 && fgets(line, sizeof(line), file) != NULL) {
		const char *type = strstr(line, " - ");
		char where[PATH_MAX];

		if (type == NULL || strncmp(type, " - cgroup2 ", 11) != 0 ||
		    sscanf(line, "%*s %*s %*s %*s %4095s", where) != 1)
			continue;
		if ((size_t)snprintf(point, size, "%s", where) < size)
			found = 0;
	}
	fclose(file);
	errno = ENOENT;
	return found;
}

int
cgroup_own(char *path, size_t size)
{
	char point[PATH_MAX], whole[2 * PATH_MAX];

	if (own_path(path, size) != 0 || mount_point(point, sizeof(point)) != 0)
		return -1;
	snprintf(whole, sizeof(whole), "%s%s", point, path);
	return open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
cgroup_create(int parent, const char *name)
{
	if (mkdirat(parent, name, 0755) != 0 && errno != EEXIST)
		return -1;
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
cgroup_write(int group, const char *file, const char *text)
{
	int fd = openat(group, file, O_WRONLY | O_CLOEXEC);
	size_t length = strlen(text);
	ssize_t n;
	int error;

	if (fd < 0)
		return -1;
	n = write(fd, text, length);
	error = errno;
	close(fd);
	errno = error;
	return n == (ssize_t)length ? 0 : -1;
}

int
cgroup_enter(int group, pid_t pid)
{
	char text[NUMBERS];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return cgroup_write(group, "cgroup.procs", text);
}

int
cgroup_kill(int group)
{
	return cgroup_write(group, "cgroup.kill", "1");
}

int
cgroup_each(int group, void (*fn)(void *arg, pid_t), void *arg)
{
	int fd = openat(group, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	int pid;

	if (file == NULL) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (fscanf(file, "%d", &pid) == 1)
		fn(arg, (pid_t)pid);
	fclose(file);
	return 0;
}

static void
count_one(void *arg, pid_t pid)
{
	(void)pid;
	++*(int *)arg;
}

int
cgroup_count(int group)
{
	int count = 0;

	return cgroup_each(group, count_one, &count) == 0 ? count : -1;
}

int
cgroup_remove(int parent, const char *name)
{
	return unlinkat(parent, name, AT_REMOVEDIR);
}
