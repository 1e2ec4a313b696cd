/* The names of steps, and the last words of a child. */
#include "superd/spawn/child_report.h"

#include "superd/spawn/rawsys.h"

/* As in a shell: for a program that cannot be run, and for none. */
enum { EXIT_NOT_STARTED = 126, EXIT_NOT_FOUND = 127 };

static int report_fd = 2; /* until there is a socket */

static const char *const step_names[] = {
	[SPAWN_STDIO] = "standard descriptors",
	[SPAWN_SESSION] = "session",
	[SPAWN_LIMITS] = "resource limits",
	[SPAWN_NICE] = "nice",
	[SPAWN_CHROOT] = "chroot",
	[SPAWN_GROUPS] = "supplementary groups",
	[SPAWN_GID] = "group",
	[SPAWN_UID] = "user",
	[SPAWN_CAPABILITIES] = "capabilities",
	[SPAWN_DIRECTORY] = "working directory",
	[SPAWN_SIGNALS] = "signal mask",
	[SPAWN_EXEC] = "exec",
	[SPAWN_BOX + BOX_CGROUP] = "box: control group",
	[SPAWN_BOX + BOX_MEMORY] = "box: memory_max",
	[SPAWN_BOX + BOX_TASKS] = "box: pids_max",
	[SPAWN_BOX + BOX_CPU] = "box: cpu_max",
	[SPAWN_BOX + BOX_IO] = "box: io_weight",
	[SPAWN_BOX + BOX_USER] = "box: user namespace",
	[SPAWN_BOX + BOX_OOM] = "box: oom_score_adjust",
	[SPAWN_BOX + BOX_CPUS] = "box: cpu_affinity",
	[SPAWN_BOX + BOX_IPC] = "box: private_ipc",
	[SPAWN_BOX + BOX_NET] = "box: private_net",
	[SPAWN_BOX + BOX_PID] = "box: private_pid",
	[SPAWN_BOX + BOX_MOUNTS] = "box: mount namespace",
	[SPAWN_BOX + BOX_ROOT] = "box: root",
	[SPAWN_BOX + BOX_READ_ONLY] = "box: read_only",
	[SPAWN_BOX + BOX_READ_WRITE] = "box: read_write",
	[SPAWN_BOX + BOX_TMP] = "box: private_tmp",
	[SPAWN_BOX + BOX_HIDDEN] = "box: hidden",
	[SPAWN_BOX + BOX_PROC] = "box: /proc for private_pid",
	[SPAWN_BOX + BOX_CAPABILITIES] = "box: capabilities",
	[SPAWN_BOX + BOX_SYSCALLS] = "box: syscalls",
	[SPAWN_BOX + BOX_NO_NEW_PRIVS] = "box: no_new_privs",
};

const char *
spawn_step_name(int step)
{
	if (step < 0 || step >= SPAWN_STEPS)
		return "unknown step";
	return step_names[step];
}

void
become_report_to(int fd)
{
	report_fd = fd;
}

int
become_reports(void)
{
	return report_fd;
}

bool
gave_up(int status)
{
	return status == EXIT_NOT_STARTED || status == EXIT_NOT_FOUND;
}

void
give_up(int step, long error)
{
	const struct spawn_report report = { step, (int)-error };
	int status = step == SPAWN_EXEC && error == -ENOENT ?
	    EXIT_NOT_FOUND :
	    EXIT_NOT_STARTED;

	rawsys(SYS_write, report_fd, (long)&report, sizeof(report), 0, 0);
	for (;;)
		rawsys(SYS_exit_group, status, 0, 0, 0, 0);
}
