/* From a fresh process to a running program. */
#include "superd/become.h"

#include <sys/prctl.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "superd/fds.h"
#include "superd/rawsys.h"
#include "superd/spawn.h"

/* What a shell makes of a command that is there, and of one that is not. */
enum { EXIT_NOT_STARTED = 126, EXIT_NOT_FOUND = 127 };

static int report_fd = 2;	/* until there is a pipe */

static const char *const step_names[] = {
	[SPAWN_STDIO] = "standard descriptors",
	[SPAWN_SESSION] = "session",
	[SPAWN_LIMITS] = "resource limits",
	[SPAWN_NICE] = "nice",
	[SPAWN_CHROOT] = "chroot",
	[SPAWN_GROUPS] = "supplementary groups",
	[SPAWN_GID] = "group",
	[SPAWN_UID] = "user",
	[SPAWN_DIRECTORY] = "working directory",
	[SPAWN_SIGNALS] = "signal mask",
	[SPAWN_EXEC] = "exec",
	[SPAWN_REFUSED] = "refused",
	[SPAWN_USER] = "user",
};

const char *
spawn_step_name(int step)
{
	if (step < 0 || step > SPAWN_USER)
		return "unknown step";
	return step_names[step];
}

void
become_report_to(int fd)
{
	report_fd = fd;
}

static struct spawn_report
make_report(int step, int error, int value)
{
	struct spawn_report report;

	memset(&report, 0, sizeof(report));
	report.pid = (pid_t)rawsys(SYS_getpid, 0, 0, 0, 0, 0);
	report.step = step;
	report.error = error;
	report.value = value;
	return report;
}

static void
send_report(int step, int error, int value)
{
	struct spawn_report report = make_report(step, error, value);

	rawsys(SYS_write, report_fd, (long)&report, sizeof(report), 0, 0);
}

void
spawn_refuse(int value)
{
	send_report(SPAWN_REFUSED, 0, value);
}

void
spawn_tell_user(int value, const char *text)
{
	struct {
		struct spawn_report report;
		char text[SPAWN_TEXT_MAX];
	} message = { .report = make_report(SPAWN_USER, 0, value) };
	size_t length = strnlen(text, sizeof(message.text));

	memcpy(message.text, text, length);
	message.report.length = (unsigned)length;
	rawsys(SYS_write, report_fd, (long)&message,
	    (long)(sizeof(message.report) + length), 0, 0);
}

static void
give_up(int step, long error)
{
	int status = step == SPAWN_EXEC && error == -ENOENT ?
	    EXIT_NOT_FOUND : EXIT_NOT_STARTED;

	send_report(step, (int)-error, 0);
	for (;;)
		rawsys(SYS_exit_group, status, 0, 0, 0, 0);
}

static void
must(int step, long result)
{
	if (result < 0)
		give_up(step, result);
}

static void
set_stdio(const struct command_image *image, int fd, int error)
{
	long null;

	for (int i = 0; i <= 2; i++)
		must(SPAWN_STDIO, rawsys(SYS_dup3, fd, i, 0, 0, 0));
	if (image->stderr_to == STDERR_SOCKET)
		return;
	if (image->stderr_to == STDERR_LOG && error >= 0) {
		must(SPAWN_STDIO, rawsys(SYS_dup3, error, 2, 0, 0, 0));
		return;
	}
	null = rawsys(SYS_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY, 0,
	    0);
	must(SPAWN_STDIO, null);
	must(SPAWN_STDIO, rawsys(SYS_dup3, null, 2, 0, 0, 0));
	rawsys(SYS_close, null, 0, 0, 0, 0);
}

/*
 * No other descriptor may be left before the child is its user's: who stops
 * it then would keep the other clients' connections open with it.
 */
static void
close_others(void)
{
	if (report_fd > 3)
		rawsys(SYS_close_range, 3, report_fd - 1, 0, 0, 0);
	rawsys(SYS_close_range, report_fd + 1, ~0u, 0, 0, 0);
}

static void
set_limits(const struct command_image *image)
{
	const struct rlimit *files = fds_initial_limit();

	must(SPAWN_LIMITS, rawsys(SYS_prlimit64, 0, RLIMIT_NOFILE,
	    (long)files, 0, 0));
	for (size_t i = 0; i < image->nrlimits; i++) {
		const struct resource_limit *limit = &image->rlimits[i];
		struct rlimit value = { limit->soft, limit->hard };

		must(SPAWN_LIMITS, rawsys(SYS_prlimit64, 0, limit->resource,
		    (long)&value, 0, 0));
	}
}

static void
set_nice(const struct command_image *image)
{
	long now;

	if (!image->nice_set)
		return;
	/* the raw call returns 20 - nice */
	now = 20 - rawsys(SYS_getpriority, PRIO_PROCESS, 0, 0, 0, 0);
	must(SPAWN_NICE, rawsys(SYS_setpriority, PRIO_PROCESS, 0,
	    now + image->nice, 0, 0));
}

static void
set_identity(const struct command_image *image)
{
	rawsys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!image->change_user)
		return;
	must(SPAWN_GROUPS, rawsys(SYS_setgroups, (long)image->ngroups,
	    (long)image->groups, 0, 0, 0));
	must(SPAWN_GID, rawsys(SYS_setresgid, (long)image->gid,
	    (long)image->gid, (long)image->gid, 0, 0));
	must(SPAWN_UID, rawsys(SYS_setresuid, (long)image->uid,
	    (long)image->uid, (long)image->uid, 0, 0));
	/* until exec this may be the daemon's memory: no core of it for a
	 * user who sends signals, whatever fs.suid_dumpable is */
	rawsys(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* Everything but the program itself. */
void
become(const struct command_image *image, int fd, int error)
{
	static const sigset_t none;

	set_stdio(image, fd, error);
	close_others();
	must(SPAWN_SESSION, rawsys(SYS_setsid, 0, 0, 0, 0, 0));
	rawsys(SYS_umask, (long)image->umask, 0, 0, 0, 0);
	set_limits(image);
	set_nice(image);
	if (image->chroot != NULL)
		must(SPAWN_CHROOT, rawsys(SYS_chroot, (long)image->chroot, 0,
		    0, 0, 0));
	must(SPAWN_DIRECTORY, rawsys(SYS_chdir, (long)"/", 0, 0, 0, 0));
	set_identity(image);
	if (image->directory != NULL)
		must(SPAWN_DIRECTORY, rawsys(SYS_chdir,
		    (long)image->directory, 0, 0, 0, 0));
	must(SPAWN_SIGNALS, rawsys(SYS_rt_sigprocmask, SIG_SETMASK,
	    (long)&none, 0, _NSIG / 8, 0));
}

void
become_program(const struct command_image *image, char **envp, int fd,
    int error)
{
	become(image, fd, error);
	for (;;)
		give_up(SPAWN_EXEC, rawsys(SYS_execve, (long)image->program,
		    (long)image->argv, (long)envp, 0, 0));
}
