/*
 * The pipe's write end lives high, where no child inherits it: each child of
 * the service is given it by spawn.  Reading never waits, and is done at most
 * once in each PAUSE, at most BUDGET bytes: a service that floods its stderr
 * waits for us rather than everybody for it.
 */
#include "superd/errout.h"

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
#include "superd/daemon.h"
#include "superd/fds.h"
#include "superd/image.h"
#include "superd/instance.h"
#include "superd/lines.h"
#include "superd/log.h"
#include "superd/servicelog.h"
#include "superd/sink.h"

enum { BUDGET = 16384, PAUSE = 10000, IDLE = 500000, SHOWN = 1200,
	SAY_AGAIN = 10 * 1000000, LEAVE_READS = 64,
	CHILD_READS = 5 };		/* all that a pipe holds, and its end */

/* Lines of one service: 20 a second, 200 at once. */
static const struct rate line_rate = { 200, 10 };

struct errout {
	TAILQ_ENTRY(errout) entry;
	struct superd *superd;
	struct live *live;		/* NULL: it has ended */
	char *id;
	struct sink *sink;		/* where lines go without a live */
	int pipe[2];			/* [0] ours; [1] the children's, -1 */
	struct lines lines;
	struct bucket bucket;
	uint64_t dropped;		/* not said yet */
	int64_t said;			/* loop_clock() */
	struct loop_timer timer;
	bool paused;
};

/* Lines. */

static void
say(const struct errout *errout, const char *text)
{
	if (errout->live != NULL)
		log_service(errout->live, LOG_INFO, "stderr %s: %s",
		    errout->id, text);
	else
		log_sink(errout->sink, LOG_INFO, "stderr %s: %s", errout->id,
		    text);
}

static bool
may_say(struct errout *errout)
{
	return bucket_try(&errout->bucket, &line_rate, loop_clock());
}

static void
say_dropped(struct errout *errout)
{
	char text[64];

	snprintf(text, sizeof(text), "%llu lines dropped",
	    (unsigned long long)errout->dropped);
	errout->dropped = 0;
	errout->said = loop_clock();
	say(errout, text);
}

static void
one_line(void *arg, const char *line, size_t length, bool cut)
{
	struct errout *errout = arg;
	char text[SHOWN + 4];

	if (!may_say(errout)) {
		errout->dropped++;
		return;
	}
	if (errout->dropped > 0 && loop_clock() - errout->said > SAY_AGAIN)
		say_dropped(errout);
	log_printable(text, SHOWN, line, length);
	if (cut && strlen(text) < SHOWN - 4)	/* or it says so itself */
		strcat(text, "...");
	say(errout, text);
}

static void
flush(struct errout *errout)
{
	lines_flush(&errout->lines, one_line, errout);
	if (errout->dropped > 0 && may_say(errout))
		say_dropped(errout);
}

/* Reading. */

enum taken { TAKEN_SOME, TAKEN_ALL, TAKEN_END };

static enum taken
take(struct errout *errout)
{
	char data[BUDGET];
	ssize_t n = read(errout->pipe[0], data, sizeof(data));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? TAKEN_ALL :
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
	struct superd *superd = errout->superd;

	flush(errout);
	if (errout->live != NULL)
		errout->live->errout = NULL;
	loop_timer_stop(superd->loop, &errout->timer);
	loop_unwatch(superd->loop, errout->pipe[0]);
	close(errout->pipe[0]);
	if (errout->pipe[1] >= 0)
		close(errout->pipe[1]);
	TAILQ_REMOVE(&superd->errouts, errout, entry);
	sink_unref(errout->sink);
	free(errout->id);
	free(errout);
}

static void
set_timer(struct errout *errout)
{
	struct loop *loop = errout->superd->loop;

	if (errout->paused)
		loop_timer_set(loop, &errout->timer, PAUSE);
	else if (lines_pending(&errout->lines) || errout->dropped > 0)
		loop_timer_set(loop, &errout->timer, IDLE);
}

static void
readable(void *arg)
{
	struct errout *errout = arg;
	if (take(errout) == TAKEN_END) {
		errout_free(errout);
		return;
	}
	/* even if it was one byte: there may be one more at once */
	loop_unwatch(errout->superd->loop, errout->pipe[0]);
	errout->paused = true;
	set_timer(errout);
}

/* The pause is over; or nothing came for a while, neither the end of a line
 * nor a line after those that were dropped. */
static void
timer_over(void *arg)
{
	struct errout *errout = arg;

	if (errout->paused) {
		errout->paused = false;
		loop_watch(errout->superd->loop, errout->pipe[0], readable,
		    errout);
	} else
		flush(errout);
	set_timer(errout);
}

/* Making and giving up. */

static struct errout *
errout_new(struct live *live)
{
	struct superd *superd = live->superd;
	struct errout *errout = xcalloc(1, sizeof(*errout));

	if (pipe2(errout->pipe, O_CLOEXEC) != 0) {
		free(errout);
		return NULL;
	}
	errout->pipe[0] = fd_high(errout->pipe[0]);
	errout->pipe[1] = fd_high(errout->pipe[1]);
	/* of our end alone: the two are separate open files */
	fd_nonblocking(errout->pipe[0], 1);
	errout->superd = superd;
	errout->live = live;
	errout->id = xstrdup(live->id);
	errout->timer.fn = timer_over;
	errout->timer.arg = errout;
	loop_watch(superd->loop, errout->pipe[0], readable, errout);
	TAILQ_INSERT_TAIL(&superd->errouts, errout, entry);
	return errout;
}

void
errout_leave(struct live *live)
{
	struct errout *errout = live->errout;

	if (errout == NULL)
		return;
	live->errout = NULL;
	errout->live = NULL;
	errout->sink = sink_ref(live->sink);
	close(errout->pipe[1]);
	errout->pipe[1] = -1;
	/* the end of the file comes when its last writer is gone */
}

int
errout_define(struct live *live)
{
	struct command_image *image = live->image;

	if (image == NULL || image->stderr_to != STDERR_LOG) {
		errout_leave(live);
		return 0;
	}
	if (live->errout == NULL)
		live->errout = errout_new(live);
	if (live->errout == NULL)
		return -1;
	image->error_fd = live->errout->pipe[1];
	/* a script's "> /dev/stderr" opens it by its name */
	if (image->change_user &&
	    fchown(image->error_fd, image->uid, image->gid) != 0)
		log_debug("stderr %s: it stays ours: %s", live->id,
		    strerror(errno));
	return 0;
}

void
errout_child_ended(struct live *live)
{
	struct errout *errout = live->errout;

	if (errout == NULL)
		return;
	if (take_rest(errout, CHILD_READS) == TAKEN_ALL &&
	    live->children <= 1)
		flush(errout);
	set_timer(errout);
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

	TAILQ_FOREACH(errout, &superd->errouts, entry)
		count++;
	list = xcalloc(count, sizeof(*list));
	count = 0;
	TAILQ_FOREACH(errout, &superd->errouts, entry) {
		list[count].fd = errout->pipe[0];
		list[count++].events = POLLIN;
	}
	if (count > 0 && poll(list, count, IDLE / 1000) == 0)
		TAILQ_FOREACH(errout, &superd->errouts, entry)
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
	instance_unlock();
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
