/* execveat(2), and what has to be ready before something fails. */
#include "superd/upgrade_exec.h"

#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/descriptors.h"
#include "superd/base/loop_signal.h"

static struct {
	char **arguments;
	char *directory;
} start;

/* All that a handler of signals needs. */
static struct {
	volatile sig_atomic_t set;
	pid_t pid;
	int memory, before;
	int *fds;
	size_t nfds;
	char **environment;
	char variable[128];
	char *why; /* in variable */
} guard;

static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
enum { FATAL = sizeof(fatal) / sizeof(fatal[0]) };

void
upgrade_remember(int argc, char *argv[])
{
	char directory[PATH_MAX];

	for (int i = 0; i < argc; i++)
		strings_add(&start.arguments, argv[i]);
	if (getcwd(directory, sizeof(directory)) != NULL)
		start.directory = xstrdup(directory);
}

/* The environment with the variable in front; the texts stay whose they are. */
static char **
environment_with(char *variable)
{
	size_t count = 0;
	char **list;

	while (environ[count] != NULL)
		count++;
	list = xcalloc(count + 2, sizeof(*list));
	list[0] = variable;
	memcpy(list + 1, environ, count * sizeof(*list));
	return list;
}

static int
execute(int program, char *const *arguments, char *const *environment)
{
	return (int)syscall(SYS_execveat, program, "", arguments, environment,
	    AT_EMPTY_PATH);
}

static void
inherit(struct kept_fd *kept)
{
	if (kept->fd >= 0)
		fcntl(kept->fd, F_SETFD, 0);
}

static void
disinherit(struct kept_fd *kept)
{
	if (kept->fd >= 0)
		fcntl(kept->fd, F_SETFD, FD_CLOEXEC);
}

static void
go_back_to_start(void)
{
	if (start.directory != NULL && chdir(start.directory) != 0)
		errno = 0; /* what was relative is not found then */
}

int
upgrade_exec(int program, const char *value, struct upgrade_state *state)
{
	char *variable = xasprintf("%s=%s", UPGRADE_VARIABLE, value);
	char **environment = environment_with(variable);
	struct rlimit limit;
	int error;

	getrlimit(RLIMIT_NOFILE, &limit);
	upgrade_state_each_fd(state, inherit);
	setrlimit(RLIMIT_NOFILE, fds_initial_limit());
	go_back_to_start();
	execute(program, start.arguments, environment);
	error = errno;
	if (chdir("/") != 0)
		errno = 0;
	setrlimit(RLIMIT_NOFILE, &limit);
	upgrade_state_each_fd(state, disinherit);
	free(environment);
	free(variable);
	errno = error;
	return -1;
}

void
upgrade_exec_child(int program, char *const *arguments, const char *value)
{
	char *variable = xasprintf("%s=%s", UPGRADE_VARIABLE,
	    value != NULL ? value : "");

	go_back_to_start();
	setrlimit(RLIMIT_NOFILE, fds_initial_limit());
	execute(program, arguments != NULL ? arguments : start.arguments,
	    value != NULL ? environment_with(variable) : environ);
	dprintf(STDERR_FILENO, "%s\n", strerror(errno));
	_exit(126);
}

/* Going back.  From here on, only what is safe in a handler of signals. */

static void
fall_back(void)
{
	guard.set = 0;
	fcntl(guard.before, F_SETFD, FD_CLOEXEC);
	setrlimit(RLIMIT_NOFILE, fds_initial_limit());
	go_back_to_start();
	for (size_t i = 0; i < guard.nfds; i++)
		fcntl(guard.fds[i], F_SETFD, 0);
	execute(guard.before, start.arguments, guard.environment);
}

/* Processes that were forked have the handlers, too. */
static bool
is_guarded(void)
{
	return guard.set && getpid() == guard.pid;
}

static void
on_fatal(int signo)
{
	if (!is_guarded())
		return; /* it comes again, and ends the process */
	memcpy(guard.why, "signal NN", sizeof("signal NN"));
	guard.why[7] = (char)('0' + signo / 10);
	guard.why[8] = (char)('0' + signo % 10);
	fall_back();
}

static void
on_exit_of_process(void)
{
	upgrade_fall_back("it has exited");
}

void
upgrade_fall_back(const char *why)
{
	if (!is_guarded())
		return;
	strncpy(guard.why, why,
	    sizeof(guard.variable) - 1 - (size_t)(guard.why - guard.variable));
	fall_back();
}

/* Preparing that. */

static void
note_fd(struct kept_fd *kept)
{
	if (kept->fd < 0)
		return;
	guard.fds = xreallocarray(guard.fds, guard.nfds + 1,
	    sizeof(*guard.fds));
	guard.fds[guard.nfds++] = kept->fd;
}

static void
catch_fatal(void (*handler)(int))
{
	sigset_t signals;
	struct sigaction action = {
		.sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)
	};
	static char room[64 << 10];
	const stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };

	sigaltstack(&stack, NULL);
	sigemptyset(&signals);
	action.sa_handler = handler;
	for (size_t i = 0; i < FATAL; i++) {
		sigaction(fatal[i], &action, NULL);
		sigaddset(&signals, fatal[i]);
	}
	/* one that is blocked would end us past its handler */
	sigprocmask(handler != SIG_DFL ? SIG_UNBLOCK : SIG_BLOCK, &signals,
	    NULL);
}

void
upgrade_guard(int memory, int before, struct upgrade_state *state)
{
	struct kept_fd file = { .fd = memory };
	static bool hooked;

	guard.pid = getpid();
	guard.memory = memory;
	guard.before = before;
	note_fd(&file);
	upgrade_state_each_fd(state, note_fd);
	guard.why = guard.variable +
	    snprintf(guard.variable, sizeof(guard.variable), "%s=%d,-1,",
		UPGRADE_VARIABLE, memory);
	guard.environment = environment_with(guard.variable);
	guard.set = 1;
	catch_fatal(on_fatal);
	if (!hooked)
		atexit(on_exit_of_process);
	hooked = true;
}

void
upgrade_guard_loop(struct loop *loop)
{
	for (size_t i = 0; i < FATAL; i++)
		loop_signal_open(loop, fatal[i]);
}

void
upgrade_unguard(void)
{
	if (!guard.set)
		return;
	guard.set = 0;
	catch_fatal(SIG_DFL);
	close(guard.memory);
	close(guard.before);
	free(guard.fds);
	free(guard.environment);
	guard.fds = NULL;
	guard.nfds = 0;
}
