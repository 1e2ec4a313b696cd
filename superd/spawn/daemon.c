/* The daemon process: clean start, detaching, pid file. */
#include "superd/spawn/daemon.h"

#include <sys/file.h>
#include <sys/prctl.h>
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

#include <bsd/stdlib.h>

#include "conf/xalloc.h"
#include "superd/base/descriptors.h"
#include "superd/base/object.h"
#include "superd/base/passed.h"
#include "superd/base/trusted_open.h"
#include "superd/log/log.h"
#include "superd/spawn/child_steps.h"

enum { PID_TEXT = 16, LOCK_TRIES = 8, READ_TRIES = 20, READ_PAUSE = 5000 };

static struct {
	int fd; /* has the lock; -1: none */
	char *path;
	struct object object;
	bool written;
} pid = { .fd = -1 };

static int started_pipe = -1;
static bool detached;

static void
reset_signals(void)
{
	static const unsigned char zero[256];

	/*
	 * Past the C library, which keeps the two signals of its threads to
	 * itself: a starter may have them ignored nevertheless.  The kernel's
	 * struct sigaction of zeros is SIG_DFL without flags everywhere.
	 */
	for (int signo = 1; signo < NSIG; signo++)
		syscall(SYS_rt_sigaction, signo, zero, NULL, _NSIG / 8);
}

static void
unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	/* never wanted: a write to a closed socket says EPIPE, and one to a
	 * log file that may not grow, EFBIG */
	sigaddset(&none, SIGPIPE);
	sigaddset(&none, SIGXFSZ);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Only we ourselves could add some later. */
static bool
has_ambient(void)
{
	unsigned long capability = 0;
	int set;

	do
		set = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability++,
		    0, 0);
	while (set == 0);
	return set > 0;
}

/* What children have by that already. */
static void
set_for_children(void)
{
	umask(USUAL_UMASK);
	become_inherits(INHERITED_UMASK);
	if (!has_ambient())
		become_inherits(INHERITED_NO_AMBIENT);
}

void
daemon_clean_start(int keep)
{
	if (fds_sanitize() != 0)
		_exit(1);
	fds_initial_limit();
	passed_collect(keep);
	reset_signals();
	unblock_signals();
	set_for_children();
}

void
daemon_clean_resume(void)
{
	fds_initial_limit();
	reset_signals();
	set_for_children();
}

void
daemon_resume(bool was_detached)
{
	detached = was_detached;
}

void
daemon_leave_directory(void)
{
	if (chdir("/") != 0)
		log_fatal("cannot change to /: %s", strerror(errno));
	become_inherits(INHERITED_DIRECTORY);
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

/*
 * The pid file behaves as with libbsd's pidfile(3), but is opened with
 * trusted_open(): no symbolic link of another user is followed, and no file is
 * emptied before it is locked.  The lock is what counts: a file that a dead
 * instance left behind does no harm.
 */

/* The pid of the instance that has the lock; 0: not written yet. */
static int
read_pid(int fd)
{
	char text[PID_TEXT];
	ssize_t length;

	for (int i = 0; i < READ_TRIES; i++) {
		length = pread(fd, text, sizeof(text) - 1, 0);
		if (length > 0) {
			text[length] = '\0';
			text[strcspn(text, "\n")] = '\0';
			return (int)strtonum(text, 0, INT_MAX, NULL);
		}
		usleep(READ_PAUSE);
	}
	return 0;
}

static void
log_other_instance(const char *path, int fd)
{
	int other = read_pid(fd);

	if (other > 0)
		log_warnx("%s: superd is already running, pid %d", path, other);
	else
		log_warnx("%s: superd is already running", path);
}

enum taken { TAKEN, TAKE_AGAIN, NOT_TAKEN };

static enum taken
take_pid_file(const char *path, int fd)
{
	struct stat st, named;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1) {
		log_warnx(
		    "cannot create the pid file %s: expected a regular file "
		    "with one link",
		    path);
		return NOT_TAKEN;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			log_other_instance(path, fd);
		else
			log_warn("cannot lock the pid file %s", path);
		return NOT_TAKEN;
	}
	/* an instance that was ending may have removed it meanwhile */
	if (stat(path, &named) != 0 || named.st_dev != st.st_dev ||
	    named.st_ino != st.st_ino)
		return TAKE_AGAIN;
	pid.object.device = st.st_dev;
	pid.object.inode = st.st_ino;
	return TAKEN;
}

static enum taken
try_pid_file(const char *path)
{
	int fd = fd_high(trusted_open(path, O_RDWR | O_CREAT, 0644));
	enum taken taken = NOT_TAKEN;

	if (fd < 0)
		log_warnx(
		    "cannot create the pid file %s: %s; name another one, "
		    "or none, with -p",
		    path, strerror(errno));
	else if ((taken = take_pid_file(path, fd)) != TAKEN)
		close(fd);
	else
		pid.fd = fd;
	return taken;
}

int
pid_file_open(const char *path)
{
	enum taken taken = TAKE_AGAIN;

	if (path == NULL || pid.fd >= 0)
		return 0;
	for (int i = 0; taken == TAKE_AGAIN && i < LOCK_TRIES; i++)
		taken = try_pid_file(path);
	if (taken == TAKE_AGAIN)
		log_warnx(
		    "cannot create the pid file %s: it keeps being removed",
		    path);
	if (taken != TAKEN)
		return -1;
	pid.path = xstrdup(path);
	/* nobody shall read the pid of the previous instance meanwhile */
	if (ftruncate(pid.fd, 0) == 0)
		return 0;
	log_warn("cannot empty the pid file %s", path);
	return -1;
}

/* It has our pid already. */
void
pid_file_resume(int fd, const char *path)
{
	struct stat st;

	if (fd < 0 || path == NULL || fstat(fd, &st) != 0)
		return;
	pid.fd = fd;
	pid.path = xstrdup(path);
	pid.object.device = st.st_dev;
	pid.object.inode = st.st_ino;
	pid.written = true;
}

int
pid_file_fd(void)
{
	return pid.fd;
}

int
pid_file_write(void)
{
	if (pid.fd < 0 || pid.written)
		return 0;
	if (ftruncate(pid.fd, 0) != 0 ||
	    dprintf(pid.fd, "%d", (int)getpid()) < 0) {
		log_warn("cannot write the pid file %s", pid.path);
		return -1;
	}
	return 0;
}

void
pid_file_remove(void)
{
	if (pid.fd < 0)
		return;
	object_remove(pid.path, &pid.object);
	pid_file_forget();
	free(pid.path);
	pid.path = NULL;
}

void
pid_file_forget(void)
{
	if (pid.fd >= 0)
		close(pid.fd);
	pid.fd = -1;
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
