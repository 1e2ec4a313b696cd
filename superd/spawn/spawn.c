/*
 * Forked children, and the reports of all children.  The steps of a child are
 * in child_steps.c; children that share the daemon's memory until they exec
 * are in spawn_shared.c.
 */
#include "superd/spawn/spawn.h"

#include <sys/socket.h>
#include <sys/wait.h>

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
#include "superd/base/cgroup.h"
#include "superd/base/descriptors.h"
#include "superd/log/log.h"
#include "superd/spawn/box.h"
#include "superd/spawn/child_steps.h"
#include "superd/spawn/environment.h"
#include "superd/spawn/leaves.h"
#include "superd/spawn/process.h"
#include "superd/spawn/spawn_shared.h"

/* The most that are read at once, so that a child that keeps sending does not
 * hold up the loop. */
enum { REPORTS = 4096 };

struct spawner {
	struct loop *loop;
	int reports[2]; /* a socket pair: [0] ours, [1] the children's */
	struct environment environment;
	struct shared_spawner *shared; /* NULL: only forks */
	bool shares;		       /* spawner_look() allows it */
	struct leaves *leaves;	       /* NULL: no session had one */
};

static const char *const dumpable_path = "/proc/sys/fs/suid_dumpable";

/* Reports. */

/*
 * Read one report; returns the pid of its sender.  A process that has the
 * other end can write what it likes, but not with the pid of another one:
 * unix(7), SO_PASSCRED.  0: it is malformed; -1: there are no more.
 */
static pid_t
read_report(int fd, struct spawn_report *report)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov = { report, sizeof(*report) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	const struct cmsghdr *head;
	struct ucred sender;
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n <= 0)
		return -1;
	head = CMSG_FIRSTHDR(&msg);
	if (n != (ssize_t)sizeof(*report) || (msg.msg_flags & MSG_TRUNC) ||
	    head == NULL || head->cmsg_level != SOL_SOCKET ||
	    head->cmsg_type != SCM_CREDENTIALS)
		return 0;
	memcpy(&sender, CMSG_DATA(head), sizeof(sender));
	return sender.pid;
}

void
spawner_drain(struct spawner *spawner)
{
	struct spawn_report report = { 0, 0 };
	int most = REPORTS;
	pid_t pid;

	while (most-- > 0 &&
	    (pid = read_report(spawner->reports[0], &report)) >= 0)
		if (pid > 0)
			process_reported(pid, &report);
	if (spawner->shared != NULL)
		shared_settle(spawner->shared);
}

/* A child that was not started ends with such a status, or is killed before it
 * can: nothing is asked for others, who have nothing to report. */
static bool
may_have_reported(int status)
{
	return !WIFEXITED(status) || gave_up(WEXITSTATUS(status));
}

void
spawner_ended(struct spawner *spawner, int status)
{
	if (may_have_reported(status))
		spawner_drain(spawner);
	else if (spawner->shared != NULL)
		shared_settle(spawner->shared);
}

static void
reports_ready(void *arg)
{
	spawner_drain(arg);
}

static int
open_reports(int ends[2])
{
	const int on = 1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, ends) != 0)
		return -1;
	ends[0] = fd_high(ends[0]);
	ends[1] = fd_low(ends[1]);
	return setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}

struct spawner *
spawner_new(struct loop *loop)
{
	struct spawner *spawner = xcalloc(1, sizeof(*spawner));

	if (open_reports(spawner->reports) != 0) {
		free(spawner);
		return NULL;
	}
	spawner->loop = loop;
	become_report_to(spawner->reports[1]);
	loop_watch(loop, spawner->reports[0], reports_ready, spawner);
	if (spawner->reports[1] < FD_HIGH)
		spawner->shared = shared_new(loop);
	spawner->shares = spawner->shared != NULL;
	return spawner;
}

/* Reading a file of proc(5) does not block. */
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

	spawner->shares = spawner->shared != NULL && is_zero(dumpable_path);
	if (before && !spawner->shares)
		log_info("fs.suid_dumpable is not 0, or cannot be "
			 "read: children are forked");
}

void
spawner_free(struct spawner *spawner)
{
	if (spawner == NULL)
		return;
	loop_unwatch(spawner->loop, spawner->reports[0]);
	close(spawner->reports[0]);
	close(spawner->reports[1]);
	environment_free(&spawner->environment);
	shared_free(spawner->shared);
	leaves_free(spawner->leaves);
	free(spawner);
}

/* Forked children. */

/* Set its standard descriptors, and close the socket for reports, which it
 * does not need any more. */
static void
take_stdio(const struct spawn_inside *inside)
{
	int null;

	become_close_reports();
	if (inside->beside >= 0)
		dup3(STDERR_FILENO, SPAWN_BESIDE, O_CLOEXEC);
	null = inside->prepare != NULL ?
	    inside->null :
	    open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		_exit(1);
	dup2(null, STDERR_FILENO);
	if (inside->fd < 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	close(null);
}

static void
run_inside(const struct spawn_inside *inside)
{
	setproctitle("%s", inside->title);
	become_keep(inside->kept, inside->nkept);
	if (inside->prepare != NULL)
		inside->prepare();
	become(inside->prepared, inside->fd >= 0 ? inside->fd : inside->beside,
	    inside->beside);
	take_stdio(inside);
	signal(SIGPIPE, SIG_IGN);
	inside->run(inside->arg);
	_exit(0);
}

pid_t
spawn_inside(const struct spawn_inside *inside)
{
	pid_t pid = inside->process != NULL ?
	    process_fork(inside->process) :
	    fork();

	if (pid == 0)
		run_inside(inside);
	return pid;
}

/* leaf: its directory, or -1. */
static pid_t
fork_child(struct spawner *spawner, const struct spawn_request *request,
    int leaf)
{
	char **envp = environment_make(&spawner->environment, request);
	pid_t pid = envp == NULL ?
	    -1 :
	    box_fork(request->prepared->command->box);

	if (pid == 0) {
		if (leaf >= 0 && cgroup_enter(leaf, 0) != 0)
			must_box(BOX_CGROUP, -errno);
		environment_set_pid(&spawner->environment, getpid());
		become_program(request->prepared, envp, request->identity,
		    request->fd, request->prepared->error_fd);
	}
	return pid;
}

static pid_t
fork_into_leaf(struct spawner *spawner, const struct spawn_request *request)
{
	unsigned number;
	pid_t pid;
	int leaf, error;

	if (spawner->leaves == NULL)
		spawner->leaves = leaves_new(spawner->loop);
	if (spawner->leaves == NULL)
		return -1;
	leaf = leaves_make(spawner->leaves, request->prepared->command->box,
	    &number);
	if (leaf < 0)
		return -1;
	pid = fork_child(spawner, request, leaf);
	error = errno;
	close(leaf);
	if (pid < 0)
		leaves_end(spawner->leaves, number);
	else
		*request->leaf = number;
	errno = error;
	return pid;
}

void
spawn_leaf_end(struct spawner *spawner, unsigned leaf)
{
	if (leaf != 0)
		leaves_end(spawner->leaves, leaf);
}

/* What changes more than the process itself cannot be done in memory that is
 * shared. */
static bool
must_fork(const struct command *command)
{
	return command->listen_fds || box_forks(command->box);
}

pid_t
spawn_child(struct spawner *spawner, const struct spawn_request *request)
{
	const struct box *box = request->prepared->command->box;
	pid_t pid = 0;

	if (box_has_leaf(box))
		return fork_into_leaf(spawner, request);
	if (spawner->shares && !must_fork(request->prepared->command))
		pid = shared_spawn(spawner->shared, request);
	return pid != 0 ? pid : fork_child(spawner, request, -1);
}

void
spawn_close(struct spawner *spawner, int fd)
{
	if (spawner->shared == NULL || !shared_keep(spawner->shared, fd))
		close_shared(fd);
}
