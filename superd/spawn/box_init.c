/* The first process of a box waits for the second. */
#include "superd/spawn/box_init.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "superd/spawn/box.h"
#include "superd/spawn/child_report.h"

enum { EXIT_BY_SIGNAL = 128 }; /* as in a shell */

/* As vfork(2) has it, the program's process runs in our memory: what it could
 * not do is known once it has gone on. */
static pid_t
start_program(const struct command *command, char **envp, volatile int *error)
{
	static sigset_t none;
	pid_t pid;

	*error = 0;
	sigemptyset(&none);
	pid = vfork();
	/* Linux lets it make system calls: NOLINTBEGIN(*-unix.Vfork) */
	if (pid == 0) {
		setsid();
		sigprocmask(SIG_SETMASK, &none, NULL);
		box_filter(command->box);
		execve(command->program, command->argv, envp);
		*error = errno;
		_exit(1);
	}
	/* NOLINTEND(*-unix.Vfork) */
	if (pid < 0)
		*error = errno;
	return pid;
}

static void
reap(pid_t program)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == program)
			_exit(WIFEXITED(status) ?
				WEXITSTATUS(status) :
				EXIT_BY_SIGNAL + WTERMSIG(status));
}

void
box_init(const struct command *command, char **envp)
{
	volatile int error;
	sigset_t all;
	pid_t program;
	int signal;

	/* our memory is a copy of the daemon's */
	prctl(PR_SET_DUMPABLE, 0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	program = start_program(command, envp, &error);
	if (error != 0)
		give_up(SPAWN_EXEC, -error);
	/* the client is the program's */
	closefrom(0);
	for (;;) {
		reap(program);
		if (sigwait(&all, &signal) == 0 && signal != SIGCHLD)
			kill(program, signal);
	}
}
