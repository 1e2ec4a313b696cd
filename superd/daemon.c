/* The process: clean start, detaching, pid file. */
#include "superd/daemon.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/libutil.h>

#include "conf/xalloc.h"
#include "superd/fds.h"
#include "superd/log.h"

static struct {
	struct pidfh *file;
	char *path;
} pid;

static int started_pipe = -1;
static bool detached;

static void
reset_signals(void)
{
	static const unsigned char zero[256];
	sigset_t none;

	/*
	 * Past the C library, which keeps the two signals of its threads to
	 * itself: a starter may have them ignored nevertheless.  The kernel's
	 * struct sigaction of zeros is SIG_DFL without flags everywhere.
	 */
	for (int signo = 1; signo < NSIG; signo++)
		syscall(SYS_rt_sigaction, signo, zero, NULL, _NSIG / 8);
	sigemptyset(&none);
	/* never wanted: a write to a closed socket says EPIPE, and one to a
	 * log file that may not grow, EFBIG */
	sigaddset(&none, SIGPIPE);
	sigaddset(&none, SIGXFSZ);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void
daemon_clean_start(void)
{
	if (fds_sanitize() != 0)
		_exit(1);
	fds_close_inherited();
	fds_initial_limit();
	reset_signals();
	umask(022);
}

void
daemon_leave_directory(void)
{
	if (chdir("/") != 0)
		log_fatal("cannot change to /: %s", strerror(errno));
}

/* The starting process: wait for the one byte that says how it went. */
static void
wait_started(int fd)
{
	unsigned char status = 1;

	while (read(fd, &status, 1) < 0 && errno == EINTR)
		continue;
	_exit(status);
}

static int
stdio_to_null(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return -1;
	for (int i = 0; i <= 2; i++)
		if (dup2(fd, i) < 0)
			return -1;
	if (fd > 2)
		close(fd);
	return 0;
}

int
daemon_detach(void)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0)
		return -1;
	if (child > 0) {
		close(ends[1]);
		wait_started(ends[0]);
	}
	close(ends[0]);
	started_pipe = fd_high(ends[1]);
	if (setsid() < 0)
		return -1;
	/* no session leader: never a controlling terminal again */
	child = fork();
	if (child < 0)
		return -1;
	if (child > 0)
		_exit(0);
	detached = true;
	return 0;
}

void
daemon_started(int status)
{
	unsigned char byte = (unsigned char)status;

	if (started_pipe < 0)
		return;
	if (status == 0 && stdio_to_null() != 0)
		log_warn("error stdio");
	if (write(started_pipe, &byte, 1) != 1)
		log_debug("the starting process is gone");
	close(started_pipe);
	started_pipe = -1;
}

bool
daemon_detached(void)
{
	return detached;
}

/* The pid file. */

int
pid_file_open(const char *path)
{
	pid_t other = 0;

	if (path == NULL)
		return 0;
	pid.file = pidfile_open(path, 0644, &other);
	if (pid.file == NULL) {
		if (errno == EEXIST)
			log_warnx("%s: superd is running already, pid %d",
			    path, (int)other);
		else
			log_warn("cannot make the pid file %s", path);
		return -1;
	}
	/* libbsd leaves it to be inherited */
	fcntl(pidfile_fileno(pid.file), F_SETFD, FD_CLOEXEC);
	pid.path = xstrdup(path);
	return 0;
}

int
pid_file_write(void)
{
	if (pid.file == NULL)
		return 0;
	if (pidfile_write(pid.file) != 0) {
		log_warn("cannot write the pid file %s", pid.path);
		return -1;
	}
	return 0;
}

void
pid_file_remove(void)
{
	if (pid.file == NULL)
		return;
	pidfile_remove(pid.file);
	pid.file = NULL;
	free(pid.path);
	pid.path = NULL;
}

void
pid_file_forget(void)
{
	if (pid.file != NULL)
		pidfile_close(pid.file);
	pid.file = NULL;
}

const char *
pid_file_path(void)
{
	return pid.path;
}

char *
absolute_path(const char *path)
{
	char directory[PATH_MAX];

	if (path[0] == '/' || getcwd(directory, sizeof(directory)) == NULL)
		return xstrdup(path);
	return xasprintf("%s/%s", directory, path);
}
