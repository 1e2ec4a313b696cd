/* The steps from a new process to a running program, in their order. */
#include "superd/spawn/child_steps.h"

#include <sys/prctl.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/descriptors.h"
#include "superd/spawn/box.h"
#include "superd/spawn/box_init.h"
#include "superd/spawn/child_report.h"
#include "superd/spawn/identity.h"
#include "superd/spawn/rawsys.h"

/* become_keep(): set in a forked child only. */
static const int *kept;
static size_t nkept;
static unsigned inherited;

/* The first one that sd_listen_fds(3) passes. */
enum { LISTEN_FD = 3 };

/* Where reports go to may have that number: only in a forked child. */
static void
make_room(void)
{
	long apart = rawsys(SYS_fcntl, become_reports(), F_DUPFD_CLOEXEC,
	    LISTEN_FD + 1, 0, 0);

	must_step(SPAWN_STDIO, apart);
	become_report_to((int)apart);
}

/* Servers that are passed their socket write to standard output what no client
 * is to see.  What is opened here is closed with all others. */
static void
set_listen_fds(int fd, int error)
{
	long null = rawsys(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR, 0,
	    0);

	must_step(SPAWN_STDIO, null);
	for (int i = 0; i <= 2; i++)
		must_step(SPAWN_STDIO,
		    rawsys(SYS_dup3, i == 2 && error >= 0 ? error : null, i, 0,
			0, 0));
	make_room();
	if (fd == LISTEN_FD)
		must_step(SPAWN_STDIO, rawsys(SYS_fcntl, fd, F_SETFD, 0, 0, 0));
	else
		must_step(SPAWN_STDIO,
		    rawsys(SYS_dup3, fd, LISTEN_FD, 0, 0, 0));
}

static void
set_stdio(const struct prepared_command *prepared, int fd, int error)
{
	bool logs = prepared->command->stderr_to == STDERR_LOG && error >= 0;
	long null;

	if (prepared->command->listen_fds) {
		set_listen_fds(fd, logs ? error : -1);
		return;
	}
	for (int i = 0; i <= 2; i++)
		must_step(SPAWN_STDIO, rawsys(SYS_dup3, fd, i, 0, 0, 0));
	if (prepared->command->stderr_to == STDERR_SOCKET)
		return;
	if (logs) {
		must_step(SPAWN_STDIO, rawsys(SYS_dup3, error, 2, 0, 0, 0));
		return;
	}
	null = rawsys(SYS_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY, 0, 0);
	must_step(SPAWN_STDIO, null);
	must_step(SPAWN_STDIO, rawsys(SYS_dup3, null, 2, 0, 0, 0));
	rawsys(SYS_close, null, 0, 0, 0, 0);
}

static void
close_between(unsigned from, unsigned to)
{
	unsigned report = (unsigned)become_reports();

	if (become_reports() < 0 || report < from || report > to) {
		rawsys(SYS_close_range, from, to, 0, 0, 0);
		return;
	}
	if (report > from)
		rawsys(SYS_close_range, from, report - 1, 0, 0, 0);
	if (report < to)
		rawsys(SYS_close_range, report + 1, to, 0, 0, 0);
}

/*
 * Before the user is changed, so that no other descriptor is open then: the
 * user can stop the child, and that would keep other clients' connections
 * open.
 */
static void
close_others(unsigned from)
{
	for (size_t i = 0; i < nkept; i++) {
		if ((unsigned)kept[i] > from)
			close_between(from, (unsigned)kept[i] - 1);
		from = (unsigned)kept[i] + 1;
	}
	close_between(from, ~0u);
}

void
become_keep(const int *fds, size_t count)
{
	kept = fds;
	nkept = count;
}

void
become_inherits(unsigned what)
{
	inherited |= what;
}

void
become_close_reports(void)
{
	become_report_to(-1);
	close_others(STDERR_FILENO + 1);
}

static void
set_limits(const struct prepared_command *prepared)
{
	const struct rlimit *files = fds_initial_limit();

	must_step(SPAWN_LIMITS,
	    rawsys(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)files, 0, 0));
	for (size_t i = 0; i < prepared->command->nrlimits; i++) {
		const struct resource_limit
		    *limit = &prepared->command->rlimits[i];
		struct rlimit value = { limit->soft, limit->hard };

		must_step(SPAWN_LIMITS,
		    rawsys(SYS_prlimit64, 0, limit->resource, (long)&value, 0,
			0));
	}
}

static void
set_nice(const struct prepared_command *prepared)
{
	long now;

	if (!prepared->command->nice_set)
		return;
	/* the raw call returns 20 - nice */
	now = 20 - rawsys(SYS_getpriority, PRIO_PROCESS, 0, 0, 0, 0);
	must_step(SPAWN_NICE,
	    rawsys(SYS_setpriority, PRIO_PROCESS, 0,
		now + prepared->command->nice, 0, 0));
}

/* Needs privilege.  Otherwise, execve(2) as root would give every capability
 * of the bounding set back. */
static void
bound_capabilities(void)
{
	for (long capability = 0;
	     rawsys(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0) == 0;
	     capability++)
		continue;
}

/* Including those that an unprivileged superd was started with. */
static void
drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	const struct __user_cap_data_struct none[2] = { 0 };

	must_step(SPAWN_CAPABILITIES,
	    rawsys(SYS_capset, (long)&header, (long)none, 0, 0, 0));
	must_step(SPAWN_CAPABILITIES,
	    rawsys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	rawsys(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void
set_ids(uid_t uid, gid_t gid, const gid_t *groups, size_t ngroups)
{
	must_step(SPAWN_GROUPS,
	    rawsys(SYS_setgroups, (long)ngroups, (long)groups, 0, 0, 0));
	must_step(SPAWN_GID,
	    rawsys(SYS_setresgid, (long)gid, (long)gid, (long)gid, 0, 0));
	must_step(SPAWN_UID,
	    rawsys(SYS_setresuid, (long)uid, (long)uid, (long)uid, 0, 0));
	/* until exec, this may be the daemon's memory: its user, who can send
	 * signals, must get no core dump of it, whatever fs.suid_dumpable is */
	rawsys(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void
set_identity(const struct command *command, const struct identity *peer)
{
	if (!(inherited & INHERITED_NO_AMBIENT))
		rawsys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0,
		    0, 0);
	if (command->as_peer && peer == NULL)
		give_up(SPAWN_UID, -EPERM);
	else if (command->as_peer)
		set_ids(peer->uid, peer->gid, peer->groups, peer->ngroups);
	else if (command->change_user)
		set_ids(command->uid, command->gid, command->groups,
		    command->ngroups);
}

static void
unblock_signals(void)
{
	static const sigset_t none;

	must_step(SPAWN_SIGNALS,
	    rawsys(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, _NSIG / 8,
		0));
}

static void
set_root(const struct command *command)
{
	if (command->box != NULL)
		box_isolate(command->box);
	if (command->chroot != NULL)
		must_step(SPAWN_CHROOT,
		    rawsys(SYS_chroot, (long)command->chroot, 0, 0, 0, 0));
	if (!(inherited & INHERITED_DIRECTORY) || command->box != NULL ||
	    command->chroot != NULL)
		must_step(SPAWN_DIRECTORY,
		    rawsys(SYS_chdir, (long)"/", 0, 0, 0, 0));
}

static void
set_privileges(const struct prepared_command *prepared,
    const struct identity *peer)
{
	const struct box *box = prepared->command->box;

	if (prepared->unprivileged)
		bound_capabilities();
	if (box != NULL)
		box_bound(box);
	set_identity(prepared->command, peer);
	if (box != NULL)
		box_grant(box);
	if (prepared->unprivileged)
		drop_capabilities();
}

/* All but the signals. */
static void
take_on(const struct prepared_command *prepared, const struct identity *peer,
    int fd, int error)
{
	const struct command *command = prepared->command;

	set_stdio(prepared, fd, error);
	close_others(command->listen_fds ? LISTEN_FD + 1 : STDERR_FILENO + 1);
	must_step(SPAWN_SESSION, rawsys(SYS_setsid, 0, 0, 0, 0, 0));
	if (!(inherited & INHERITED_UMASK) || command->umask != USUAL_UMASK)
		rawsys(SYS_umask, (long)command->umask, 0, 0, 0, 0);
	set_limits(prepared);
	set_nice(prepared);
	set_root(command);
	set_privileges(prepared, peer);
	if (command->directory != NULL)
		must_step(SPAWN_DIRECTORY,
		    rawsys(SYS_chdir, (long)command->directory, 0, 0, 0, 0));
	if (command->box != NULL)
		box_seal(command->box);
}

void
become(const struct prepared_command *prepared, int fd, int error)
{
	take_on(prepared, NULL, fd, error);
	unblock_signals();
}

void
become_program(const struct prepared_command *prepared, char **envp,
    const struct identity *peer, int fd, int error)
{
	const struct command *command = prepared->command;

	take_on(prepared, peer, fd, error);
	if (command->box != NULL && box_has_init(command->box))
		box_init(command, envp);
	unblock_signals();
	if (command->box != NULL)
		box_filter(command->box);
	for (;;)
		give_up(SPAWN_EXEC,
		    rawsys(SYS_execve, (long)command->program,
			(long)command->argv, (long)envp, 0, 0));
}
