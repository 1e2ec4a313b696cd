/* The first process of a box waits for the second. */
#include "superd/spawn/box_init.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "superd/spawn/box.h"
#include "superd/spawn/child_report.h"

enum { EXIT_BY_SIGNAL = 128 }; /* as in a shell */
enum { STACK = 64 * 1024 };

struct start {
	const struct command *command;
	char **envp;
	int error; /* errno; 0: it runs */
};

static int
run_program(void *arg)
{
	struct start *start = arg;
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	box_filter(start->command->box);
	execve(start->command->program, start->command->argv, start->envp);
	start->error = errno;
	return 1;
}

/* The program's process runs in our memory while we wait, so that what it
 * could not do is known here. */
static pid_t
start_program(struct start *start)
{
	static char stack[STACK] __attribute__((aligned(16)));
	pid_t pid = clone(run_program, stack + sizeof(stack),
	    CLONE_VM | CLONE_VFORK | SIGCHLD, start);

	if (pid < 0)
		start->error = errno;
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
	struct start start = { command, envp, 0 };
	sigset_t all;
	pid_t program;
	int signal;

	/* our memory is a copy of the daemon's */
	prctl(PR_SET_DUMPABLE, 0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	program = start_program(&start);
	if (start.error != 0)
		give_up(SPAWN_EXEC, -start.error);
	/* the client is the program's */
	closefrom(0);
	for (;;) {
		reap(program);
		if (sigwait(&all, &signal) == 0 && signal != SIGCHLD)
			kill(program, signal);
	}
}
