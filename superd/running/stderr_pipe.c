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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "conf/xalloc.h"
#include "superd/base/descriptors.h"
#include "superd/base/linebuf.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/running/children.h"
#include "superd/running/service_log.h"
#include "superd/spawn/command.h"
#include "superd/spawn/daemon.h"

enum {
	BUDGET = 16384,
	PAUSE = 10000,
	IDLE = 500000,
	SHOWN = 1200,
	SAY_AGAIN = 10 * 1000000,
	LEAVE_READS = 64,
	CHILD_READS = 5
}; /* all that a pipe holds, and its end */

/* Lines of one service: 20 a second, 200 at once. */
static const struct rate line_rate = { 200, 10 };

/* Of a service, for all of its pipes: where lines go, and how many may. */
struct errlog {
	unsigned refs; /* pipes, and the live */
	struct superd *superd;
	struct live *live; /* NULL: it has ended */
	char *id;
	struct sink *sink; /* where lines go without a live */
	struct bucket bucket;
	uint64_t dropped;	 /* not said yet */
	int64_t said;		 /* loop_clock() */
	struct loop_timer timer; /* to say it nevertheless */
	unsigned paused;	 /* pipes that are */
	struct errout *next;	 /* of the child that is to start */
};

struct errout {
	TAILQ_ENTRY(errout) entry;
	struct errlog *log;
	struct child *child; /* NULL: it has ended */
	pid_t pid;
	struct addr peer; /* len 0: none */
	int pipe[2];	  /* [0] ours; [1] the child's, or -1 */
	struct lines lines;
	struct loop_timer timer;
	bool paused;
};

/* Lines. */

/* from: " pid=... peer=...", or nothing. */
static void
say(const struct errlog *log, const char *from, const char *text)
{
	if (log->live != NULL)
		log_service(log->live, LOG_INFO, "stderr %s%s: %s", log->id,
		    from, text);
	else
		log_sink(log->sink, LOG_INFO, "stderr %s%s: %s", log->id, from,
		    text);
}

static bool
may_say(struct errlog *log)
{
	return bucket_try(&log->bucket, &line_rate, loop_clock());
}

static void
say_dropped(struct errlog *log)
{
	char text[64];

	snprintf(text, sizeof(text), "%llu lines dropped",
	    (unsigned long long)log->dropped);
	log->dropped = 0;
	log->said = loop_clock();
	say(log, "", text);
}

static void
drop_line(struct errlog *log)
{
	log->dropped++;
	if (!loop_timer_running(&log->timer))
		loop_timer_set(log->superd->loop, &log->timer, IDLE);
}

static void
one_line(void *arg, const char *line, size_t length, bool cut)
{
	struct errout *errout = arg;
	struct errlog *log = errout->log;
	char text[SHOWN + 4], from[ADDR_TEXT + 64], peer[ADDR_TEXT];

	if (!may_say(log)) {
		drop_line(log);
		return;
	}
	if (log->dropped > 0 && loop_clock() - log->said > SAY_AGAIN)
		say_dropped(log);
	log_printable(text, SHOWN, line, length);
	if (cut && strlen(text) < SHOWN - 4) /* or it says so itself */
		strcat(text, "...");
	snprintf(from, sizeof(from), " pid=%d peer=%s", (int)errout->pid,
	    errout->peer.len > 0 ?
		addr_print(&errout->peer, peer, sizeof(peer)) :
		"-");
	say(log, from, text);
}

static void
flush(struct errout *errout)
{
	lines_flush(&errout->lines, one_line, errout);
}

/* No line came after those that were dropped. */
static void
dropped_over(void *arg)
{
	struct errlog *log = arg;

	if (log->dropped > 0 && may_say(log))
		say_dropped(log);
	if (log->dropped > 0)
		loop_timer_set(log->superd->loop, &log->timer, IDLE);
}

static void
errlog_unref(struct errlog *log)
{
	if (--log->refs > 0)
		return;
	if (log->dropped > 0)
		say_dropped(log);
	loop_timer_stop(log->superd->loop, &log->timer);
	sink_unref(log->sink);
	free(log->id);
	free(log);
}

/* Reading. */

enum taken { TAKEN_SOME, TAKEN_ALL, TAKEN_END };

static enum taken
take(struct errout *errout)
{
	char data[BUDGET];
	ssize_t n = read(errout->pipe[0], data, sizeof(data));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ?
		    TAKEN_ALL :
		    TAKEN_END;
	if (n == 0)
		return TAKEN_END;
	lines_feed(&errout->lines, data, (size_t)n, one_line, errout);
	return TAKEN_SOME;
}

/* What is there already, in at most so many reads. */
static enum taken
take_rest(struct errout *errout, int reads)
{
	enum taken taken = TAKEN_SOME;

	while (taken == TAKEN_SOME && reads-- > 0)
		taken = take(errout);
	return taken;
}

static void
errout_free(struct errout *errout)
{
	struct errlog *log = errout->log;
	struct superd *superd = log->superd;

	flush(errout);
	if (errout->child != NULL)
		errout->child->errout = NULL;
	log->paused -= errout->paused;
	loop_timer_stop(superd->loop, &errout->timer);
	loop_unwatch(superd->loop, errout->pipe[0]);
	close(errout->pipe[0]);
	if (errout->pipe[1] >= 0)
		close(errout->pipe[1]);
	TAILQ_REMOVE(&superd->errouts, errout, entry);
	free(errout);
	errlog_unref(log);
}

static void
readable(void *arg)
{
	struct errout *errout = arg;
	struct errlog *log = errout->log;

	if (take(errout) == TAKEN_END) {
		errout_free(errout);
		return;
	}
	/* even if it was one byte: there may be one more at once.  The more
	 * children of a service write, the longer each of them waits */
	loop_unwatch(log->superd->loop, errout->pipe[0]);
	errout->paused = true;
	log->paused++;
	loop_timer_set(log->superd->loop, &errout->timer,
	    (int64_t)PAUSE * log->paused);
}

/* The pause is over; or no end of a line came for a while. */
static void
timer_over(void *arg)
{
	struct errout *errout = arg;
	struct loop *loop = errout->log->superd->loop;

	if (!errout->paused) {
		flush(errout);
		return;
	}
	errout->paused = false;
	errout->log->paused--;
	loop_watch(loop, errout->pipe[0], readable, errout);
	if (lines_pending(&errout->lines))
		loop_timer_set(loop, &errout->timer, IDLE);
}

/* Services. */

static struct errlog *
errlog_new(struct live *live)
{
	struct errlog *log = xcalloc(1, sizeof(*log));

	log->refs = 1;
	log->superd = live->superd;
	log->live = live;
	log->id = xstrdup(live->id);
	log->timer.fn = dropped_over;
	log->timer.arg = log;
	return log;
}

void
errout_leave(struct live *live)
{
	struct errlog *log = live->errlog;

	if (log == NULL)
		return;
	live->errlog = NULL;
	log->live = NULL;
	log->sink = sink_ref(live->sink);
	/* the end of the files comes when their last writers are gone */
	errlog_unref(log);
}

void
errout_define(struct live *live)
{
	const struct command_image *image = live->image;

	if (image == NULL || image->command->stderr_to != STDERR_LOG)
		errout_leave(live);
	else if (live->errlog == NULL)
		live->errlog = errlog_new(live);
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

static struct errout *
errout_new(struct errlog *log)
{
	struct errout *errout = calloc(1, sizeof(*errout));

	if (errout == NULL || open_pipe(errout->pipe) != 0) {
		free(errout);
		return NULL;
	}
	errout->log = log;
	log->refs++;
	errout->timer.fn = timer_over;
	errout->timer.arg = errout;
	TAILQ_INSERT_TAIL(&log->superd->errouts, errout, entry);
	return errout;
}

int
errout_prepare(struct live *live)
{
	struct command_image *image = live->image;
	const struct command *command;
	struct errlog *log = live->errlog;

	if (log == NULL)
		return 0;
	command = image->command;
	log->next = errout_new(log);
	if (log->next == NULL)
		return -1;
	image->error_fd = log->next->pipe[1];
	/* a script's "> /dev/stderr" opens it by its name */
	if (command->change_user &&
	    fchown(image->error_fd, command->uid, command->gid) != 0)
		log_debug("stderr %s: it stays ours: %s", live->id,
		    strerror(errno));
	return 0;
}

/* The child has its own, and nobody else shall. */
static struct errout *
take_next(struct live *live)
{
	struct errout *errout;

	if (live->errlog == NULL || live->errlog->next == NULL)
		return NULL;
	errout = live->errlog->next;
	live->errlog->next = NULL;
	live->image->error_fd = -1;
	close(errout->pipe[1]);
	errout->pipe[1] = -1;
	return errout;
}

void
errout_started(struct child *child)
{
	struct errout *errout = take_next(child->live);

	if (errout == NULL)
		return;
	errout->child = child;
	errout->pid = child->pid;
	errout->peer = child->peer;
	child->errout = errout;
	/* without memory it is closed, and heard no more */
	if (loop_watch(errout->log->superd->loop, errout->pipe[0], readable,
		errout) != 0)
		errout_free(errout);
}

void
errout_failed(struct live *live)
{
	int error = errno;
	struct errout *errout = take_next(live);

	if (errout != NULL)
		errout_free(errout);
	errno = error;
}

void
errout_forget(struct child *child)
{
	if (child->errout != NULL)
		child->errout->child = NULL;
	child->errout = NULL;
}

void
errout_child_ended(struct child *child)
{
	struct errout *errout = child->errout;

	errout_forget(child);
	if (errout == NULL)
		return;
	switch (take_rest(errout, CHILD_READS)) {
	case TAKEN_END:
		errout_free(errout);
		break;
	case TAKEN_ALL:
		flush(errout);
		break;
	case TAKEN_SOME:
		break;
	}
}

/* After superd. */

static bool
has_writers(const struct errout *errout)
{
	struct pollfd pfd = { .fd = errout->pipe[0], .events = POLLIN };

	return poll(&pfd, 1, 0) != 1 || (pfd.revents & POLLHUP) == 0;
}

/* What is there already is read here; true: more may come. */
static bool
leave_over(struct errout *errout)
{
	take_rest(errout, LEAVE_READS);
	if (has_writers(errout))
		return true;
	errout_free(errout);
	return false;
}

/* One turn of the process that stays: false when all have ended. */
static bool
read_on(struct superd *superd)
{
	struct errout *errout, *next;
	size_t count = 0;
	struct pollfd *list;

	TAILQ_FOREACH (errout, &superd->errouts, entry)
		count++;
	list = xcalloc(count, sizeof(*list));
	count = 0;
	TAILQ_FOREACH (errout, &superd->errouts, entry) {
		list[count].fd = errout->pipe[0];
		list[count++].events = POLLIN;
	}
	if (count > 0 && poll(list, count, IDLE / 1000) == 0)
		TAILQ_FOREACH (errout, &superd->errouts, entry)
			flush(errout);
	free(list);
	for (errout = TAILQ_FIRST(&superd->errouts); errout != NULL;
	     errout = next) {
		next = TAILQ_NEXT(errout, entry);
		if (take(errout) == TAKEN_END)
			errout_free(errout);
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
	while (read_on(superd))
		continue;
	_exit(0);
}

void
errouts_hand_over(struct superd *superd)
{
	struct errout *errout, *next;
	bool any = false;

	for (errout = TAILQ_FIRST(&superd->errouts); errout != NULL;
	     errout = next) {
		next = TAILQ_NEXT(errout, entry);
		any = leave_over(errout) || any;
	}
	/* with process 1, all end */
	if (any && getpid() != 1 && fork() == 0)
		stay(superd);
	while ((errout = TAILQ_FIRST(&superd->errouts)) != NULL)
		errout_free(errout);
}
