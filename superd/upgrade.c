/*
 * Steps, one after the other: ask the program which state it reads, let it
 * check the configuration, wait, execute.  Whichever fails ends the upgrade,
 * and superd goes on as it was.
 */
#include "superd/upgrade.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/trusted_open.h"
#include "conf/service.h"
#include "superd/base/settings.h"
#include "superd/control/request.h"
#include "superd/given.h"
#include "superd/policy/ident_inquiry.h"
#include "superd/policy/waiters.h"
#include "superd/reloads.h"
#include "superd/running/event_self.h"
#include "superd/running/lingering.h"
#include "superd/running/listener_more.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"
#include "superd/running/waiting.h"
#include "superd/serve/internal.h"
#include "superd/serve/internal_record.h"
#include "superd/serve/tcpmux_way.h"
#include "superd/spawn/process.h"
#include "superd/upgrade_exec.h"
#include "superd/upgrade_keep.h"

enum { LOOK = 2 * MILLISECOND, SAID = 4096, VALUE = 64 };
static const int64_t ASK_TIME = 5 * (int64_t)SECOND;
static const int64_t CHECK_TIME = 60 * (int64_t)SECOND;
static const int64_t WAIT_TIME = 10 * (int64_t)SECOND;

struct upgrade {
	struct superd *superd;
	struct request *request; /* NULL: superctl has gone */
	int program;
	struct process process;
	int said; /* what it says, or -1 */
	void (*next)(struct upgrade *, int status, const char *said);
	struct loop_timer timer; /* a deadline, or the next look */
	int64_t until;
	bool quiet; /* internal processes were told to listen no more */
};

static struct upgrade *current;

/* The end of one that failed. */

static void
forget(struct upgrade *upgrade)
{
	struct superd *superd = upgrade->superd;

	loop_timer_stop(superd->loop, &upgrade->timer);
	if (upgrade->process.pid != 0)
		kill(-upgrade->process.pid, SIGKILL);
	process_forget(&upgrade->process);
	if (upgrade->said >= 0)
		close(upgrade->said);
	close(upgrade->program);
	current = NULL;
	free(upgrade);
}

/* Those that were told to listen no more are replaced. */
static void
listen_again(struct upgrade *upgrade)
{
	struct superd *superd = upgrade->superd;

	if (!upgrade->quiet || superd->stopping)
		return;
	superd->elsewhere_changed = true;
	internals_settle(superd);
}

static void
give_up(struct upgrade *upgrade, const char *why)
{
	struct request *request = upgrade->request;

	event_upgrade_failed(why);
	listen_again(upgrade);
	forget(upgrade);
	if (request == NULL)
		return;
	request_refuse(request, CONTROL_FAILED, "upgrade: %s", why);
	control_answer(request, CONTROL_FAILED);
}

static void
unwanted(struct request *request)
{
	struct upgrade *upgrade = request->later;

	upgrade->request = NULL;
}

void
upgrade_free(struct superd *superd)
{
	(void)superd;
	if (current == NULL)
		return;
	if (current->request != NULL)
		current->request->later = NULL;
	forget(current);
}

/* Processes of the new program. */

static void
run_program(struct upgrade *upgrade, char *const *arguments, const char *value,
    int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	process_unblock_signals();
	upgrade_exec_child(upgrade->program, arguments, value);
}

static void
late(void *arg)
{
	give_up(arg, "the new program did not end in time");
}

static void
ended(void *arg, int status)
{
	struct upgrade *upgrade = arg;
	char said[SAID];
	ssize_t n = read(upgrade->said, said, sizeof(said) - 1);

	loop_timer_stop(upgrade->superd->loop, &upgrade->timer);
	close(upgrade->said);
	upgrade->said = -1;
	said[n > 0 ? n : 0] = '\0';
	upgrade->next(upgrade, status, said);
}

/* False: there is no process for it. */
static bool
start(struct upgrade *upgrade, char *const *arguments, const char *value,
    int64_t time)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	upgrade->said = fd_high(ends[0]);
	upgrade->process.ended = ended;
	upgrade->process.arg = upgrade;
	pid = process_fork(&upgrade->process);
	if (pid == 0)
		run_program(upgrade, arguments, value, ends[1]);
	close(ends[1]);
	if (pid < 0)
		return false;
	setpgid(pid, pid);
	loop_timer_init(&upgrade->timer, late, upgrade);
	loop_timer_set(upgrade->superd->loop, &upgrade->timer, time);
	return true;
}

/* The last step. */

static void
execute(struct upgrade *upgrade)
{
	struct superd *superd = upgrade->superd;
	struct upgrade_state state;
	int before = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), memory;
	char value[VALUE], why[128];

	upgrade_keep(superd, &state);
	if (upgrade->request != NULL) {
		state.self.reply = kept_fd(control_client(upgrade->request));
		state.self.json = upgrade->request->json;
	}
	memory = before < 0 ? -1 : upgrade_state_write(&state);
	if (memory >= 0) {
		before = fd_high(before);
		control_flush(superd->control);
		snprintf(value, sizeof(value), "%d,%d,", memory, before);
		fcntl(memory, F_SETFD, 0);
		fcntl(before, F_SETFD, 0);
		upgrade_exec(upgrade->program, value, &state);
	}
	snprintf(why, sizeof(why), "cannot execute it: %s", strerror(errno));
	if (memory >= 0)
		close(memory);
	if (before >= 0)
		close(before);
	upgrade_state_free(&state);
	give_up(upgrade, why);
}

/* Waiting. */

static void
look_at_child(void *arg, const struct child *child)
{
	const char **why = arg;

	if (child->kind == CHILD_NEW || child->kind == CHILD_ASKED)
		*why = "clients are asked about";
	else if (child->kind == CHILD_HOSTED &&
	    child->running->service != NULL &&
	    (mux_is_one(child->running->service) ||
		service_reads_proxy(child->running->service)))
		*why = "clients of tcpmux or of a proxy are being read";
}

static bool
any_aside(struct superd *superd)
{
	struct running *running;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		for (size_t i = 0; i < running->nlisteners; i++)
			if (running->listeners[i]->blocked & BLOCK_ASIDE)
				return true;
	return false;
}

/* A process that may still give a connection back to us. */
static bool
may_return(const struct internal *internal)
{
	for (size_t i = 0; i < internal->nservices; i++) {
		const struct service *service = internal->gone[i] ?
		    NULL :
		    internal->services[i]->service;

		if (service != NULL && internal->own[i] &&
		    (mux_is_one(service) ||
			(service_reads_proxy(service) &&
			    service->command.program != NULL)))
			return true;
	}
	return false;
}

static const char *
who_waits(struct upgrade *upgrade)
{
	struct superd *superd = upgrade->superd;
	const char *why = NULL;

	children_each(superd->children, look_at_child, &why);
	if (superd->waiters->connections > 0)
		why = "clients wait for a place";
	else if (inquiries_run(superd->inquiries))
		why = "refused clients are asked about";
	else if (lingering_count(superd->lingering) > 0)
		why = "refused clients are being closed";
	else if (any_aside(superd))
		why = "clients are being refused";
	else if (reloads_are_asked(superd))
		why = "a reload runs";
	else if (control_is_busy(superd->control, upgrade->request))
		why = "another command of superctl runs";
	return why;
}

static const char *
who_listens(struct superd *superd)
{
	const struct internal *internal;

	if (!internals_stop(superd))
		return "an internal process did not stop to listen";
	for (internal = internals_first(superd); internal != NULL;
	     internal = internals_next(internal))
		if (may_return(internal))
			return "clients of tcpmux or of a proxy are being "
			       "read";
	return NULL;
}

static void
look(void *arg)
{
	struct upgrade *upgrade = arg;
	struct loop *loop = upgrade->superd->loop;
	const char *why = who_waits(upgrade);

	if (upgrade->superd->stopping) {
		give_up(upgrade, "superd is shutting down");
		return;
	}
	if (why == NULL) {
		upgrade->quiet = true;
		why = who_listens(upgrade->superd);
		/* it may have given something back meanwhile */
		if (why == NULL)
			why = who_waits(upgrade);
	}
	if (why == NULL)
		execute(upgrade);
	else if (loop_now(loop) >= upgrade->until)
		give_up(upgrade, why);
	else
		loop_timer_set(loop, &upgrade->timer, LOOK);
}

static void
wait_for_clients(struct upgrade *upgrade)
{
	struct loop *loop = upgrade->superd->loop;

	upgrade->until = loop_now(loop) + WAIT_TIME;
	loop_timer_init(&upgrade->timer, look, upgrade);
	loop_timer_set(loop, &upgrade->timer, 0);
}

/* Asking and checking. */

static void
checked(struct upgrade *upgrade, int status, const char *said)
{
	char why[SAID + 128];
	const char *error = strstr(said, ": error");

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		wait_for_clients(upgrade);
		return;
	}
	/* the line of the first error, or the first one */
	while (error != NULL && error > said && error[-1] != '\n')
		error--;
	if (error == NULL)
		error = said;
	snprintf(why, sizeof(why), "the configuration is not accepted: %.*s",
	    (int)strcspn(error, "\n"), error);
	give_up(upgrade, why);
}

/* "superd state 1" */
static bool
reads_ours(const char *said)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "superd state %d\n",
	    UPGRADE_STATE);
	return strcmp(said, expected) == 0;
}

static void
asked(struct upgrade *upgrade, int status, const char *said)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    !reads_ours(said)) {
		give_up(upgrade,
		    "it is no superd that reads the state of this one");
		return;
	}
	upgrade->next = checked;
	if (!start(upgrade, NULL, UPGRADE_CHECK, CHECK_TIME))
		give_up(upgrade, strerror(errno));
}

/* The program. */

static bool
own_path(char path[PATH_MAX])
{
	static const char deleted[] = " (deleted)";
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	size_t end = strlen(deleted);

	if (n <= 0)
		return false;
	path[n] = '\0';
	/* another file has its name now */
	if ((size_t)n > end && strcmp(path + n - end, deleted) == 0)
		path[(size_t)n - end] = '\0';
	return true;
}

/* What is looked at is what is executed. */
static int
open_program(const char *path, const char **expected)
{
	int fd = trusted_open(path, O_RDONLY, 0);
	struct stat st;

	*expected = NULL;
	if (fd < 0 || fstat(fd, &st) != 0)
		*expected = strerror(errno);
	else if (!S_ISREG(st.st_mode) || (st.st_mode & S_IXUSR) == 0)
		*expected = "expected a program";
	else if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		*expected = "expected a file that nobody but root may write";
	if (*expected == NULL)
		return fd_high(fd);
	if (fd >= 0)
		close(fd);
	return -1;
}

static enum control_exit
begin(struct request *request, int program)
{
	static char name[] = "superd", option[] = "--state-version";
	char *const arguments[] = { name, option, NULL };
	struct upgrade *upgrade = calloc(1, sizeof(*upgrade));

	if (upgrade == NULL) {
		close(program);
		return request_refuse(request, CONTROL_FAILED,
		    "upgrade: out of memory");
	}
	current = upgrade;
	upgrade->superd = request->superd;
	upgrade->request = request;
	upgrade->program = program;
	upgrade->said = -1;
	upgrade->next = asked;
	request->later = upgrade;
	request->unwanted = unwanted;
	if (!start(upgrade, arguments, NULL, ASK_TIME)) {
		request->later = NULL;
		forget(upgrade);
		return request_refuse(request, CONTROL_FAILED, "upgrade: %s",
		    strerror(errno));
	}
	return CONTROL_OK;
}

enum control_exit
do_upgrade(struct request *request)
{
	char own[PATH_MAX];
	const char *path = request->count > 1 ? request->words[1] : own;
	const char *expected;
	int program;

	if (current != NULL || request->superd->stopping)
		return request_refuse(request, CONTROL_FAILED,
		    "upgrade: one is under way, or superd is shutting down");
	if (request->superd->options->one_line)
		return request_refuse(request, CONTROL_FAILED,
		    "upgrade: \"superd run\" cannot be upgraded: the ports that "
		    "it chose would be others");
	if (request->superd->options->given != NULL &&
	    getenv(GIVEN_VARIABLE) == NULL)
		return request_refuse(request, CONTROL_FAILED,
		    "upgrade: the configuration came from standard input and "
		    "cannot be read again");
	if (path == own && !own_path(own))
		return request_refuse(request, CONTROL_FAILED,
		    "upgrade: name the program: /proc is not mounted");
	if (path[0] != '/')
		return request_refuse(request, CONTROL_USAGE,
		    "upgrade: %s: expected an absolute path", path);
	program = open_program(path, &expected);
	if (program < 0)
		return request_refuse(request, CONTROL_FAILED,
		    "upgrade: %s: %s", path, expected);
	upgrade_unguard();
	event_upgrade_begun(path);
	return begin(request, program);
}
