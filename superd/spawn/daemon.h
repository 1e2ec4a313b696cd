/*
 * The daemon process: its state at the start, detaching from the terminal, the
 * pid file.
 */
#ifndef SUPERD_SPAWN_DAEMON_H
#define SUPERD_SPAWN_DAEMON_H

#include <stdbool.h>

/*
 * Undo what the starting process may have left: descriptors 0 to 2 are open
 * and all others but keep (-1: none) closed, signals have their default actions
 * and only SIGPIPE and SIGXFSZ are blocked, the umask is 022.  Call it first in
 * main().
 */
void daemon_clean_start(int keep);
/* The same after an upgrade, whose descriptors stay open; signals stay
 * blocked. */
void daemon_clean_resume(void);
/* After an upgrade, instead of daemon_detach(): had that been called? */
void daemon_resume(bool detached);
/* chdir(2) to "/", once the relative paths of the command line are
 * absolute. */
void daemon_leave_directory(void);
/*
 * Detach as daemon(3) does: returns 0 in the daemon, in a session of its own.
 * The starting process waits for daemon_started() and exits with its status.
 * -1 with errno.
 */
int daemon_detach(void);
/* Let the starting process exit with this status; 0 also sends descriptors 0
 * to 2 to /dev/null.  Does nothing if we are not detached. */
void daemon_started(int status);
/* Has daemon_detach() detached us? */
bool daemon_detached(void);

/*
 * Create, lock and empty the pid file.  0, or -1 after logging why, with the
 * pid of another running instance.  NULL: no pid file is wanted.  Expected is
 * a regular file with one link; a symbolic link is followed only if root or
 * our user made it.  Locks as pidfile(3) does, with flock(2).
 */
int pid_file_open(const char *path);
/* After an upgrade: this descriptor of the file at path, which is copied, has
 * the lock; pid_file_open() opens no other one.  fd may be -1. */
void pid_file_resume(int fd, const char *path);
/* The descriptor that has the lock, or -1. */
int pid_file_fd(void);
/* Write our pid.  0, also without a pid file, or -1 after logging why. */
int pid_file_write(void);
/* Remove the pid file if it is still the one that we made, and unlock it. */
void pid_file_remove(void);
/* Close it, for a forked process that outlives the daemon and must not keep
 * the lock. */
void pid_file_forget(void);
/* The path of the open pid file, or NULL. */
const char *pid_file_path(void);

/* A copy of path, prefixed with the current directory if it is relative; the
 * caller frees it. */
char *absolute_path(const char *path);

#endif
