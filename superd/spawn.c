/*
 * Forked children, and the reports of all.  What a child does on its way to
 * its program is in become.c; children that share the daemon's memory until
 * they exec are in fast.c.
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
#include "superd/become.h"
#include "superd/environment.h"
#include "superd/fast.h"
#include "superd/fds.h"
#include "superd/log.h"

/* More than a pipe holds, pipe(7): whoever writes on waits for the others. */
enum { REPORTS = 4096 };

struct spawner {
	struct loop *loop;
	int pipe[2];		/* reports: [0] ours, [1] the children's */
	spawn_report_fn *fn;
	void *arg;
	struct environment environment;
	struct fast *fast;	/* NULL: only forks */
	bool shares;		/* fast may be used now */
};

static const char *const dumpable_path = "/proc/sys/fs/suid_dumpable";

/* Reports. */

/* Written whole or not at all: pipe(7), PIPE_BUF. */
static bool
read_report(int fd, struct spawn_report *report, char *text)
{
	if (read(fd, report, sizeof(*report)) != (ssize_t)sizeof(*report))
		return false;
	if (report->length <= SPAWN_TEXT_MAX &&
	    (report->length == 0 || read(fd, text, report->length) ==
	    (ssize_t)report->length)) {
		text[report->length] = '\0';
		return true;
	}
	/* no child of ours wrote that: start anew with the next one */
	for (int i = 0; i < REPORTS; i++)
		if (read(fd, text, SPAWN_TEXT_MAX) <= 0)
			break;
	return false;
}

void
spawner_drain(struct spawner *spawner)
{
	struct spawn_report report;
	char text[SPAWN_TEXT_MAX + 1];
	int most = REPORTS;

	while (most-- > 0 && read_report(spawner->pipe[0], &report, text))
		spawner->fn(spawner->arg, &report, text);
	if (spawner->fast != NULL)
		fast_settle(spawner->fast);
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
	spawner->pipe[1] = fd_low(spawner->pipe[1]);
	spawner->loop = loop;
	spawner->fn = fn;
	spawner->arg = arg;
	become_report_to(spawner->pipe[1]);
	loop_watch(loop, spawner->pipe[0], reports_ready, spawner);
	if (spawner->pipe[1] < FD_HIGH)
		spawner->fast = fast_new(loop);
	spawner->shares = spawner->fast != NULL;
	return spawner;
}

/* A file of the kernel's: reading it takes no time. */
static bool
is_zero(const char *path)
{
	char text[2] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, text, sizeof(text));
		close(fd);
	}
	return n == sizeof(text) && text[0] == '0' && text[1] == '\n';
}

void
spawner_look(struct spawner *spawner)
{
	bool before = spawner->shares;

	spawner->shares = spawner->fast != NULL && is_zero(dumpable_path);
	if (before && !spawner->shares)
		log_info("fs.suid_dumpable is not 0, or cannot be "
		    "read: children are forked");
}

void
spawner_free(struct spawner *spawner)
{
	if (spawner == NULL)
		return;
	loop_unwatch(spawner->loop, spawner->pipe[0]);
	close(spawner->pipe[0]);
	close(spawner->pipe[1]);
	environment_free(&spawner->environment);
	fast_free(spawner->fast);
	free(spawner);
}

/* Forked children. */

/*
 * A gate may take its time, and must not hold meanwhile what the daemon may
 * want to close: listeners, the pid file's lock, other clients.
 */
static void
close_others(const int keep[4])
{
	for (int fd = 3; fd < FD_HIGH; fd++)
		if (fd != keep[0] && fd != keep[1] && fd != keep[2] &&
		    fd != keep[3])
			close(fd);
	close_range(FD_HIGH, ~0u, 0);
}

/* The image that the gate lets the child become.  What is written to it is
 * the child's copy. */
static struct command_image *
pass_gate(const struct spawner *spawner, const struct spawn_request *request,
    int *fd)
{
	struct command_image *image;

	/* a listener lives high, among those that go; so does the pipe */
	if (*fd >= FD_HIGH)
		*fd = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (request->image->error_fd >= FD_HIGH)
		request->image->error_fd = fcntl(request->image->error_fd,
		    F_DUPFD_CLOEXEC, 3);
	close_others((const int[]){ *fd, spawner->pipe[1],
	    request->gate_fd, request->image->error_fd });
	image = request->gate(request->gate_arg, *fd);
	if (image == NULL)
		_exit(0);
	return image;
}

static void
run_internal(const struct spawn_request *request)
{
	become(request->image, request->fd, request->image->error_fd);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* no exec is coming that would close them */
	close_range(3, ~0u, 0);
	signal(SIGPIPE, SIG_IGN);
	request->internal(request->internal_arg, STDIN_FILENO);
	_exit(0);
}

static void
run_child(struct spawner *spawner, const struct spawn_request *request)
{
	struct spawn_request chosen = *request;

	if (request->title != NULL)
		setproctitle("%s", request->title);
	if (request->gate != NULL)
		chosen.image = pass_gate(spawner, request, &chosen.fd);
	if (request->internal != NULL && chosen.image->program == NULL)
		run_internal(&chosen);
	become_program(chosen.image, environment_make(&spawner->environment,
	    chosen.image, chosen.fd, chosen.peer), chosen.fd,
	    chosen.image->error_fd);
}

static pid_t
fork_child(struct spawner *spawner, const struct spawn_request *request)
{
	pid_t pid = fork();

	if (pid == 0)
		run_child(spawner, request);
	return pid;
}

pid_t
spawn_child(struct spawner *spawner, const struct spawn_request *request)
{
	pid_t pid = 0;

	if (spawner->shares && request->gate == NULL &&
	    request->internal == NULL)
		pid = fast_spawn(spawner->fast, request->image, request->fd,
		    request->peer);
	return pid != 0 ? pid : fork_child(spawner, request);
}

void
spawn_close(struct spawner *spawner, int fd)
{
	if (spawner->fast == NULL || !fast_keep(spawner->fast, fd))
		close(fd);
}

size_t
spawn_fast_count(const struct spawner *spawner)
{
	return spawner->fast == NULL ? 0 : fast_count(spawner->fast);
}
