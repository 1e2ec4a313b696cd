/*
 * From fork to exec.  Everything after the fork is in become(): a straight
 * list of system calls through rawsys(), each of which, failing, ends the
 * child with a report through a pipe that exec closes.
 */
#include "superd/spawn.h"

#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "conf/xalloc.h"
#include "superd/fds.h"
#include "superd/rawsys.h"

/* What a child gets from its peer, besides the fixed environment. */
enum { PEER_VARIABLES = 8, PEER_TEXT = 8 * 96, EXIT_NOT_STARTED = 126 };

struct peer_environment {
	char text[PEER_TEXT];
	char **envp;		/* image's, then the peer's, then NULL */
	size_t room;
};

struct spawner {
	struct loop *loop;
	int pipe[2];		/* reports: [0] ours, [1] the children's */
	spawn_report_fn *fn;
	void *arg;
	struct peer_environment environment;
};

/* Where a gate, which is far from any spawner, reports to. */
static int report_fd = -1;

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
};

const char *
spawn_step_name(int step)
{
	if (step < 0 || step > SPAWN_REFUSED)
		return "unknown step";
	return step_names[step];
}

/* Reports. */

void
spawner_drain(struct spawner *spawner)
{
	struct spawn_report report;

	/* written whole or not at all: pipe(7), PIPE_BUF */
	while (read(spawner->pipe[0], &report, sizeof(report)) ==
	    (ssize_t)sizeof(report))
		spawner->fn(spawner->arg, &report);
}

static void
reports_ready(void *arg)
{
	spawner_drain(arg);
}

struct spawner *
spawner_new(struct loop *loop, spawn_report_fn *fn, void *arg)
{
	struct spawner *spawner = xcalloc(1, sizeof(*spawner));

	if (pipe2(spawner->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
		free(spawner);
		return NULL;
	}
	spawner->pipe[0] = fd_high(spawner->pipe[0]);
	spawner->loop = loop;
	spawner->fn = fn;
	spawner->arg = arg;
	report_fd = spawner->pipe[1];
	loop_watch(loop, spawner->pipe[0], reports_ready, spawner);
	return spawner;
}

void
spawner_free(struct spawner *spawner)
{
	if (spawner == NULL)
		return;
	loop_unwatch(spawner->loop, spawner->pipe[0]);
	close(spawner->pipe[0]);
	close(spawner->pipe[1]);
	free(spawner->environment.envp);
	free(spawner);
}

static void
send_report(int step, int error, int value)
{
	struct spawn_report report;

	memset(&report, 0, sizeof(report));
	report.pid = (pid_t)rawsys(SYS_getpid, 0, 0, 0, 0, 0);
	report.step = step;
	report.error = error;
	report.value = value;
	rawsys(SYS_write, report_fd, (long)&report, sizeof(report), 0, 0);
}

void
spawn_refuse(int value)
{
	send_report(SPAWN_REFUSED, 0, value);
}

/* The environment of one child. */

static char *
put_variable(char **text, size_t *room, const char *name, const char *value)
{
	char *at = *text;
	int n = snprintf(at, *room, "%s=%s", name, value);

	if (n < 0 || (size_t)n >= *room)
		return NULL;
	*text += n + 1;
	*room -= (size_t)n + 1;
	return at;
}

static void
add_address(char **envp, size_t *n, char **text, size_t *room,
    const struct addr *addr, const char *host_name, const char *port_name)
{
	char host[ADDR_TEXT], port[8];

	addr_print_host(addr, host, sizeof(host));
	snprintf(port, sizeof(port), "%u", addr_port(addr));
	if ((envp[*n] = put_variable(text, room, host_name, host)) != NULL)
		(*n)++;
	if (port_name != NULL &&
	    (envp[*n] = put_variable(text, room, port_name, port)) != NULL)
		(*n)++;
}

static bool
local_address(int fd, struct addr *local)
{
	socklen_t length = sizeof(local->u);

	memset(local, 0, sizeof(*local));
	if (getsockname(fd, &local->u.sa, &length) != 0)
		return false;
	local->len = length;
	addr_unmap(local);
	return true;
}

static bool
is_internet(const struct addr *addr)
{
	return addr != NULL && addr->len > 0 &&
	    (addr->u.sa.sa_family == AF_INET ||
	    addr->u.sa.sa_family == AF_INET6);
}

/* UCSPI-TCP's variables, and the ones of CGI (RFC 3875). */
static size_t
add_peer(struct peer_environment *env, size_t n,
    const struct spawn_request *request)
{
	const struct command_image *image = request->image;
	size_t room = sizeof(env->text);
	char *text = env->text;
	struct addr local;

	if (!is_internet(request->peer))
		return n;
	if (image->env_remote_host)
		add_address(env->envp, &n, &text, &room, request->peer,
		    "REMOTE_HOST", NULL);
	if (!image->env_peer)
		return n;
	add_address(env->envp, &n, &text, &room, request->peer,
	    "REMOTE_ADDR", "REMOTE_PORT");
	add_address(env->envp, &n, &text, &room, request->peer,
	    "TCPREMOTEIP", "TCPREMOTEPORT");
	if (local_address(request->fd, &local))
		add_address(env->envp, &n, &text, &room, &local,
		    "TCPLOCALIP", "TCPLOCALPORT");
	return n;
}

static char **
environment_for(struct peer_environment *env,
    const struct spawn_request *request)
{
	const struct command_image *image = request->image;
	size_t n = image->nenv;

	if (!image->env_peer && !image->env_remote_host)
		return image->envp;
	if (env->room < n + PEER_VARIABLES + 1) {
		env->room = n + PEER_VARIABLES + 1;
		env->envp = xreallocarray(env->envp, env->room,
		    sizeof(char *));
	}
	memcpy(env->envp, image->envp, n * sizeof(char *));
	n = add_peer(env, n, request);
	env->envp[n] = NULL;
	return env->envp;
}

/* In the child. */

static void
give_up(int step, long error)
{
	send_report(step, (int)-error, 0);
	for (;;)
		rawsys(SYS_exit_group, EXIT_NOT_STARTED, 0, 0, 0, 0);
}

static void
must(int step, long result)
{
	if (result < 0)
		give_up(step, result);
}

static void
set_stdio(const struct command_image *image, int fd)
{
	long null;

	for (int i = 0; i <= 2; i++)
		must(SPAWN_STDIO, rawsys(SYS_dup3, fd, i, 0, 0, 0));
	if (image->stderr_to != STDERR_NULL)
		return;
	null = rawsys(SYS_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY, 0,
	    0);
	must(SPAWN_STDIO, null);
	must(SPAWN_STDIO, rawsys(SYS_dup3, null, 2, 0, 0, 0));
	rawsys(SYS_close, null, 0, 0, 0, 0);
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
}

/*
 * Everything but the program itself.  The descriptors above 2 become close-
 * on-exec once more: no library that opened one behind our back is trusted.
 */
static void
become(const struct command_image *image, int fd)
{
	static const sigset_t none;

	set_stdio(image, fd);
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
	rawsys(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC, 0, 0);
	must(SPAWN_SIGNALS, rawsys(SYS_rt_sigprocmask, SIG_SETMASK,
	    (long)&none, 0, _NSIG / 8, 0));
}

static void
run_program(const struct command_image *image, char **envp, int fd)
{
	become(image, fd);
	give_up(SPAWN_EXEC, rawsys(SYS_execve, (long)image->program,
	    (long)image->argv, (long)envp, 0, 0));
}

static void
run_internal(const struct command_image *image,
    const struct spawn_request *request, int fd)
{
	become(image, fd);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* no exec is coming that would close them */
	close_range(3, ~0u, 0);
	signal(SIGPIPE, SIG_IGN);
	request->internal(request->internal_arg, STDIN_FILENO);
	_exit(0);
}

/*
 * A gate may take its time, and must not hold meanwhile what the daemon may
 * want to close: listeners, the pid file's lock, other clients.
 */
static void
close_others(int a, int b, int c)
{
	for (int fd = 3; fd < FD_HIGH; fd++)
		if (fd != a && fd != b && fd != c)
			close(fd);
	close_range(FD_HIGH, ~0u, 0);
}

/* The image that the gate lets the child become. */
static struct command_image *
pass_gate(const struct spawn_request *request, int *fd)
{
	struct command_image *image;

	/* a listener lives high, among those that go */
	if (*fd >= FD_HIGH)
		*fd = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	close_others(*fd, report_fd, request->gate_fd);
	image = request->gate(request->gate_arg, *fd);
	if (image == NULL)
		_exit(0);
	return image;
}

static void
run_child(struct spawner *spawner, const struct spawn_request *request,
    char **envp)
{
	struct spawn_request chosen = *request;

	if (request->title != NULL)
		setproctitle("%s", request->title);
	if (request->gate != NULL) {
		chosen.image = pass_gate(request, &chosen.fd);
		envp = environment_for(&spawner->environment, &chosen);
	}
	if (request->internal != NULL && chosen.image->program == NULL)
		run_internal(chosen.image, request, chosen.fd);
	run_program(chosen.image, envp, chosen.fd);
}

pid_t
spawn_child(struct spawner *spawner, const struct spawn_request *request)
{
	char **envp = environment_for(&spawner->environment, request);
	pid_t pid = fork();

	if (pid == 0)
		run_child(spawner, request, envp);
	return pid;
}
