/*
 * The pipe's write end lives high, where no other child inherits it, until
 * its child was started.  Reading never waits, and is done at most once in
 * each PAUSE, at most BUDGET bytes: a service that floods its stderr waits
 * for us rather than everybody for it.
 */
#include "superd/running/stderr_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/linebuf.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/running/event.h"
#include "superd/running/records.h"
#include "superd/spawn/command.h"
#include "superd/spawn/daemon.h"

enum {
	BUDGET = 16384,
	PAUSE = 10 * MILLISECOND,
	IDLE = 500 * MILLISECOND,
	SHOWN = 1200,
	LEAVE_READS = 64,
	CHILD_READS = 5
}; /* all that a pipe holds, and its end */

/* Lines of one service: 20 a second, 200 at once. */
static const struct rate line_rate = { 200, 10 };
/* ... and of the number of those that were left out. */
static const struct rate told_rate = { 1, 10 };

/* Of a service, for all of its pipes: where lines go, and how many may. */
struct stderr_log {
	unsigned refs; /* pipes, and the service */
	struct superd *superd;
	struct running *running; /* NULL: it has ended */
	char *id;
	struct sink *sink; /* where lines go without it */
	struct limiter lines;
	struct bucket told;	  /* lines about those left out */
	struct loop_timer timer;  /* to say it nevertheless */
	unsigned paused;	  /* pipes that are */
	struct stderr_pipe *next; /* of the child that is to start */
};

struct stderr_pipe {
	TAILQ_ENTRY(stderr_pipe) entry;
	struct stderr_log *log;
	struct child_process *child; /* NULL: it has ended */
	pid_t pid;
	struct addr peer; /* len 0: none */
	int pipe[2];	  /* [0] ours; [1] the child's, or -1 */
	struct linebuf lines;
	struct loop_timer timer;
	bool paused;
};

TAILQ_HEAD(stderr_pipes, stderr_pipe);

struct stderr_pipes *
stderr_pipes_new(void)
{
	struct stderr_pipes *pipes = xcalloc(1, sizeof(*pipes));

	TAILQ_INIT(pipes);
	return pipes;
}

/* Lines. */

static struct sink *
sink_of(const struct stderr_log *log)
{
	return log->running != NULL ? log->running->sink : log->sink;
}

static bool
has_left_out(const struct stderr_log *log)
{
	return log->lines.left_out > 0;
}

static void
say_dropped(struct stderr_log *log)
{
	event_stderr_left_out(sink_of(log), log->id, limiter_told(&log->lines));
	bucket_take(&log->told, &told_rate, loop_clock());
}

static bool
may_say(struct stderr_log *log)
{
	if (limiter_try(&log->lines, &line_rate, loop_clock()))
		return true;
	if (!loop_timer_running(&log->timer))
		loop_timer_set(log->superd->loop, &log->timer, IDLE);
	return false;
}

static void
one_line(void *arg, const char *line, size_t length, bool cut)
{
	struct stderr_pipe *stderr_pipe = arg;
	struct stderr_log *log = stderr_pipe->log;
	char text[SHOWN + 4];

	if (!may_say(log))
		return;
	if (has_left_out(log) &&
	    bucket_wait(&log->told, &told_rate, loop_clock()) == 0)
		say_dropped(log);
	log_printable(text, SHOWN, line, length);
	if (cut && strlen(text) < SHOWN - 4) /* or it says so itself */
		strcat(text, "...");
	event_stderr(sink_of(log), log->id, stderr_pipe->pid,
	    &stderr_pipe->peer, text);
}

static void
flush(struct stderr_pipe *stderr_pipe)
{
	linebuf_flush(&stderr_pipe->lines, one_line, stderr_pipe);
}

/* No line came after those that were dropped. */
static void
dropped_over(void *arg)
{
	struct stderr_log *log = arg;

	if (has_left_out(log) &&
	    bucket_try(&log->lines.bucket, &line_rate, loop_clock()))
		say_dropped(log);
	if (has_left_out(log))
		loop_timer_set(log->superd->loop, &log->timer, IDLE);
}

static void
errlog_unref(struct stderr_log *log)
{
	if (--log->refs > 0)
		return;
	if (has_left_out(log))
		say_dropped(log);
	loop_timer_stop(log->superd->loop, &log->timer);
	sink_unref(log->sink);
	free(log->id);
	free(log);
}

/* Reading. */

enum taken { TAKEN_SOME, TAKEN_ALL, TAKEN_END };

static enum taken
take(struct stderr_pipe *stderr_pipe)
{
	char data[BUDGET];
	ssize_t n = read(stderr_pipe->pipe[0], data, sizeof(data));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ?
		    TAKEN_ALL :
		    TAKEN_END;
	if (n == 0)
		return TAKEN_END;
	linebuf_feed(&stderr_pipe->lines, data, (size_t)n, one_line,
	    stderr_pipe);
	return TAKEN_SOME;
}

/* What is there already, in at most so many reads. */
static enum taken
take_rest(struct stderr_pipe *stderr_pipe, int reads)
{
	enum taken taken = TAKEN_SOME;

	while (taken == TAKEN_SOME && reads-- > 0)
		taken = take(stderr_pipe);
	return taken;
}

static void
stderr_free(struct stderr_pipe *stderr_pipe)
{
	struct stderr_log *log = stderr_pipe->log;
	struct superd *superd = log->superd;

	flush(stderr_pipe);
	if (stderr_pipe->child != NULL)
		stderr_pipe->child->stderr_pipe = NULL;
	log->paused -= stderr_pipe->paused;
	loop_timer_stop(superd->loop, &stderr_pipe->timer);
	loop_unwatch(superd->loop, stderr_pipe->pipe[0]);
	close(stderr_pipe->pipe[0]);
	if (stderr_pipe->pipe[1] >= 0)
		close(stderr_pipe->pipe[1]);
	TAILQ_REMOVE(superd->stderr_pipes, stderr_pipe, entry);
	free(stderr_pipe);
	errlog_unref(log);
}

static void
readable(void *arg)
{
	struct stderr_pipe *stderr_pipe = arg;
	struct stderr_log *log = stderr_pipe->log;

	if (take(stderr_pipe) == TAKEN_END) {
		stderr_free(stderr_pipe);
		return;
	}
	/* even if it was one byte: there may be one more at once.  The more
	 * children of a service write, the longer each of them waits */
	loop_unwatch(log->superd->loop, stderr_pipe->pipe[0]);
	stderr_pipe->paused = true;
	log->paused++;
	loop_timer_set(log->superd->loop, &stderr_pipe->timer,
	    (int64_t)PAUSE * log->paused);
}

/* The pause is over; or no end of a line came for a while. */
static void
timer_over(void *arg)
{
	struct stderr_pipe *stderr_pipe = arg;
	struct loop *loop = stderr_pipe->log->superd->loop;

	if (!stderr_pipe->paused) {
		flush(stderr_pipe);
		return;
	}
	stderr_pipe->paused = false;
	stderr_pipe->log->paused--;
	loop_watch(loop, stderr_pipe->pipe[0], readable, stderr_pipe);
	if (linebuf_pending(&stderr_pipe->lines))
		loop_timer_set(loop, &stderr_pipe->timer, IDLE);
}

/* Services. */

static struct stderr_log *
errlog_new(struct running *running)
{
	struct stderr_log *log = xcalloc(1, sizeof(*log));

	log->refs = 1;
	log->superd = running->superd;
	log->running = running;
	log->id = xstrdup(running->id);
	loop_timer_init(&log->timer, dropped_over, log);
	return log;
}

void
stderr_leave(struct running *running)
{
	struct stderr_log *log = running->stderr_log;

	if (log == NULL)
		return;
	running->stderr_log = NULL;
	log->running = NULL;
	log->sink = sink_ref(running->sink);
	/* the end of the files comes when their last writers are gone */
	errlog_unref(log);
}

void
stderr_define(struct running *running)
{
	const struct prepared_command *prepared = running->prepared;

	if (prepared == NULL || prepared->command->stderr_to != STDERR_LOG)
		stderr_leave(running);
	else if (running->stderr_log == NULL)
		running->stderr_log = errlog_new(running);
}

/* Children. */

/* Both ends, high: what a child gets is a copy of its own. */
static int
open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	ends[0] = fd_high(ends[0]);
	ends[1] = fd_high(ends[1]);
	if (ends[1] >= FD_HIGH) {
		/* of our end alone: the two are separate open files */
		fd_nonblocking(ends[0], 1);
		return 0;
	}
	close(ends[0]);
	close(ends[1]);
	errno = EMFILE;
	return -1;
}

static struct stderr_pipe *
stderr_new(struct stderr_log *log)
{
	struct stderr_pipe *stderr_pipe = calloc(1, sizeof(*stderr_pipe));

	if (stderr_pipe == NULL || open_pipe(stderr_pipe->pipe) != 0) {
		free(stderr_pipe);
		return NULL;
	}
	stderr_pipe->log = log;
	log->refs++;
	loop_timer_init(&stderr_pipe->timer, timer_over, stderr_pipe);
	TAILQ_INSERT_TAIL(log->superd->stderr_pipes, stderr_pipe, entry);
	return stderr_pipe;
}

int
stderr_prepare(struct running *running)
{
	struct prepared_command *prepared = running->prepared;
	const struct command *command;
	struct stderr_log *log = running->stderr_log;

	if (log == NULL)
		return 0;
	command = prepared->command;
	log->next = stderr_new(log);
	if (log->next == NULL)
		return -1;
	prepared->error_fd = log->next->pipe[1];
	/* a script's "> /dev/stderr" opens it by its name */
	if (command->change_user &&
	    fchown(prepared->error_fd, command->uid, command->gid) != 0)
		log_debug("stderr %s: cannot change the owner of the pipe: %s",
		    running->id, strerror(errno));
	return 0;
}

/* The child has its own, and nobody else shall. */
static struct stderr_pipe *
take_next(struct running *running)
{
	struct stderr_pipe *stderr_pipe;

	if (running->stderr_log == NULL || running->stderr_log->next == NULL)
		return NULL;
	stderr_pipe = running->stderr_log->next;
	running->stderr_log->next = NULL;
	running->prepared->error_fd = -1;
	close(stderr_pipe->pipe[1]);
	stderr_pipe->pipe[1] = -1;
	return stderr_pipe;
}

void
stderr_started(struct running *running, struct child_process *child,
    const struct addr *peer)
{
	struct stderr_pipe *stderr_pipe = take_next(running);

	if (stderr_pipe == NULL)
		return;
	stderr_pipe->child = child;
	stderr_pipe->pid = child->process.pid;
	if (peer != NULL)
		stderr_pipe->peer = *peer;
	child->stderr_pipe = stderr_pipe;
	/* without memory it is closed, and heard no more */
	if (loop_watch(stderr_pipe->log->superd->loop, stderr_pipe->pipe[0],
		readable, stderr_pipe) != 0)
		stderr_free(stderr_pipe);
}

void
stderr_failed(struct running *running)
{
	int error = errno;
	struct stderr_pipe *stderr_pipe = take_next(running);

	if (stderr_pipe != NULL)
		stderr_free(stderr_pipe);
	errno = error;
}

void
stderr_forget(struct child_process *child)
{
	if (child->stderr_pipe != NULL)
		child->stderr_pipe->child = NULL;
	child->stderr_pipe = NULL;
}

void
stderr_child_ended(struct child_process *child)
{
	struct stderr_pipe *stderr_pipe = child->stderr_pipe;

	stderr_forget(child);
	if (stderr_pipe == NULL)
		return;
	switch (take_rest(stderr_pipe, CHILD_READS)) {
	case TAKEN_END:
		stderr_free(stderr_pipe);
		break;
	case TAKEN_ALL:
		flush(stderr_pipe);
		break;
	case TAKEN_SOME:
		break;
	}
}

/* Upgrades. */

void
stderr_each(const struct stderr_pipes *pipes,
    void (*fn)(void *, const char *, pid_t, const struct addr *, int),
    void *arg)
{
	const struct stderr_pipe *stderr_pipe;

	TAILQ_FOREACH (stderr_pipe, pipes, entry)
		if (stderr_pipe->pipe[0] >= 0 && stderr_pipe->pid > 0)
			fn(arg, stderr_pipe->log->id, stderr_pipe->pid,
			    &stderr_pipe->peer, stderr_pipe->pipe[0]);
}

void
stderr_resume(struct running *running, struct child_process *child,
    const struct stderr_kept *kept)
{
	struct stderr_log *log = running->stderr_log;
	struct stderr_pipe *stderr_pipe;

	stderr_pipe = log != NULL ? stderr_new(log) : NULL;
	if (stderr_pipe == NULL) {
		close(kept->fd);
		return;
	}
	close(stderr_pipe->pipe[0]);
	close(stderr_pipe->pipe[1]);
	stderr_pipe->pipe[0] = kept->fd;
	stderr_pipe->pipe[1] = -1;
	stderr_pipe->pid = kept->pid;
	stderr_pipe->peer = *kept->peer;
	stderr_pipe->child = child;
	if (child != NULL)
		child->stderr_pipe = stderr_pipe;
	if (loop_watch(log->superd->loop, kept->fd, readable, stderr_pipe) != 0)
		stderr_free(stderr_pipe);
}

/* After superd. */

static bool
has_writers(const struct stderr_pipe *stderr_pipe)
{
	struct pollfd pfd = { .fd = stderr_pipe->pipe[0], .events = POLLIN };

	return poll(&pfd, 1, 0) != 1 || (pfd.revents & POLLHUP) == 0;
}

/* What is there already is read here; true: more may come. */
static bool
leave_over(struct stderr_pipe *stderr_pipe)
{
	take_rest(stderr_pipe, LEAVE_READS);
	if (has_writers(stderr_pipe))
		return true;
	/* what the last one wrote before it went */
	take_rest(stderr_pipe, LEAVE_READS);
	stderr_free(stderr_pipe);
	return false;
}

/* One turn of the process that stays: false when all have ended. */
static bool
read_on(struct superd *superd)
{
	struct stderr_pipe *stderr_pipe, *next;
	size_t count = 0;
	struct pollfd *list;

	TAILQ_FOREACH (stderr_pipe, superd->stderr_pipes, entry)
		count++;
	list = xcalloc(count, sizeof(*list));
	count = 0;
	TAILQ_FOREACH (stderr_pipe, superd->stderr_pipes, entry) {
		list[count].fd = stderr_pipe->pipe[0];
		list[count++].events = POLLIN;
	}
	if (count > 0 && poll(list, count, IDLE / MILLISECOND) == 0)
		TAILQ_FOREACH (stderr_pipe, superd->stderr_pipes, entry)
			flush(stderr_pipe);
	free(list);
	for (stderr_pipe = TAILQ_FIRST(superd->stderr_pipes);
	     stderr_pipe != NULL; stderr_pipe = next) {
		next = TAILQ_NEXT(stderr_pipe, entry);
		if (take(stderr_pipe) == TAKEN_END)
			stderr_free(stderr_pipe);
	}
	usleep(PAUSE);
	return count > 0;
}

static void
stay(struct superd *superd)
{
	sigset_t none;

	for (int signo = 1; signo < SIGRTMIN; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigaddset(&none, SIGPIPE);
	sigaddset(&none, SIGXFSZ);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	setproctitle("stderr of services");
	loop_forget(superd->loop);
	pid_file_forget();
	/* connections and pipes of children that had not yet a descriptor
	 * table of their own: they would never end */
	for (int fd = STDERR_FILENO + 1; fd < FD_HIGH; fd++)
		close(fd);
	while (read_on(superd))
		continue;
	_exit(0);
}

void
stderr_hand_over(struct superd *superd)
{
	struct stderr_pipe *stderr_pipe, *next;
	bool any = false;

	for (stderr_pipe = TAILQ_FIRST(superd->stderr_pipes);
	     stderr_pipe != NULL; stderr_pipe = next) {
		next = TAILQ_NEXT(stderr_pipe, entry);
		any = leave_over(stderr_pipe) || any;
	}
	/* with process 1, all end */
	if (any && getpid() != 1 && fork() == 0)
		stay(superd);
	while ((stderr_pipe = TAILQ_FIRST(superd->stderr_pipes)) != NULL)
		stderr_free(stderr_pipe);
	free(superd->stderr_pipes);
	superd->stderr_pipes = NULL;
}
