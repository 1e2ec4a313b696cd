/*
 * The process itself: its state at the start, detaching from the terminal,
 * the pid file.
 */
#ifndef SUPERD_SPAWN_DAEMON_H
#define SUPERD_SPAWN_DAEMON_H

#include <stdbool.h>

/* Known descriptors, signals, mask, umask and directory, whatever state we
 * were started in.  First thing in main. */
void daemon_clean_start(void);
/* Go to "/": after the command line's relative paths were made absolute. */
void daemon_leave_directory(void);
/*
 * Detach: returns in the daemon; the starting process waits for
 * daemon_started() and exits with what it is told.  -1 with errno.
 */
int daemon_detach(void);
/* Tell the starting process how it went: 0 success. */
void daemon_started(int status);
bool daemon_detached(void);

/*
 * Create and lock the pid file, before it is written.  0, or -1 after logging
 * why; another running instance is named.  path NULL: none is wanted.  It is
 * a regular file with one name; a symbolic link is followed where only root
 * or we could have made it.  pidfile(3), flock(2).
 */
int pid_file_open(const char *path);
int pid_file_write(void);
/* Remove it if it still is ours, and unlock it. */
void pid_file_remove(void);
/* In a process that stays: it holds the lock no longer. */
void pid_file_forget(void);
/* Of the one that is open; or NULL. */
const char *pid_file_path(void);

/* path made absolute; malloc'd. */
char *absolute_path(const char *path);

#endif
