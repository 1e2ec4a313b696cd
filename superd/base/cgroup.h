/*
 * Control groups of version 2, cgroups(7), by descriptors of their
 * directories.  Knows no sessions and no limits.
 */
#ifndef SUPERD_BASE_CGROUP_H
#define SUPERD_BASE_CGROUP_H

#include <sys/types.h>

/* The directory of the group that we are in; path, of size octets, becomes its
 * path in the hierarchy.  A descriptor, or -1 with errno. */
int cgroup_own(char *path, size_t size);
/* Make a group below another, or take an empty one of that name.  The
 * descriptor of its directory, or -1 with errno. */
int cgroup_create(int parent, const char *name);
/* Write to one of its files.  0, or -1 with errno. */
int cgroup_write(int group, const char *file, const char *text);
/* Move a process into it; 0: ourselves.  0, or -1 with errno. */
int cgroup_enter(int group, pid_t);
/* Kill all in it and below.  0, or -1 with errno. */
int cgroup_kill(int group);
/* The number of processes in it; -1 with errno. */
int cgroup_count(int group);
/* Call fn with the pid of each process in it.  0, or -1 with errno. */
int cgroup_each(int group, void (*fn)(void *arg, pid_t), void *arg);
/* Remove an empty group.  0, or -1 with errno: EBUSY while anything is in
 * it. */
int cgroup_remove(int parent, const char *name);

#endif
