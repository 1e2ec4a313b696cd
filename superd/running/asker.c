/* The pipe that a verdict comes through, and how long it is waited for. */
#include "superd/running/asker.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "superd/base/clock.h"
#include "superd/base/confine.h"
#include "superd/base/descriptors.h"
#include "superd/running/event.h"
#include "superd/spawn/process.h"
#include "superd/spawn/spawn.h"

/* Longer than names, libwrap and ident take together at most. */
enum { MOST_SECONDS = 180, TITLE = 64 };

_Static_assert(sizeof(struct verdict) <= PIPE_BUF,
    "a verdict is written at once");

struct asker {
	struct superd *superd;
	struct process process;
	pid_t pid;
	int fd; /* where the verdict comes; -1: no more */
	bool answered;
	struct verdict verdict;
	struct loop_timer deadline;
	char title[TITLE];
};

/* In the asker. */

static void
run(const void *arg)
{
	const struct question *question = arg;
	struct verdict verdict;

	memset(&verdict, 0, sizeof(verdict));
	verdict.ident = IDENT_RESULTS;
	if (!question->starts)
		confine_asking();
	question->ask(question->arg, &verdict);
	/* nobody hears it if superd has ended meanwhile */
	if (write(SPAWN_BESIDE, &verdict, sizeof(verdict)) < 0)
		return;
}

/* In superd. */

static bool
is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool
is_sound(const struct verdict *verdict)
{
	switch (verdict->refusal) {
	case ADMITTED:
	case REFUSED_ACCESS:
	case REFUSED_LIBWRAP:
	case REFUSED_USER:
	case REFUSED_SHORTAGE:
		break;
	default:
		return false;
	}
	return verdict->ident >= 0 && verdict->ident <= IDENT_RESULTS &&
	    is_text(verdict->user, sizeof(verdict->user)) &&
	    is_text(verdict->text, sizeof(verdict->text)) &&
	    (verdict->ident != IDENT_OK || ident_is_user(verdict->user));
}

static void
close_pipe(struct asker *asker)
{
	if (asker->fd < 0)
		return;
	loop_unwatch(asker->superd->loop, asker->fd);
	close(asker->fd);
	asker->fd = -1;
}

/* Once it has said something, or closed its end, nothing more is heard. */
static void
take_verdict(struct asker *asker)
{
	struct verdict *verdict = &asker->verdict;
	ssize_t n = read(asker->fd, verdict, sizeof(*verdict));

	asker->answered = n == (ssize_t)sizeof(*verdict) && is_sound(verdict);
	close_pipe(asker);
}

/* It has no business with the client any more.  One that says nothing, and
 * goes on, is a command of hosts_options(5). */
static void
verdict_ready(void *arg)
{
	struct asker *asker = arg;

	take_verdict(asker);
	if (asker->answered)
		kill(asker->pid, SIGKILL);
}

static void
too_late(void *arg)
{
	struct asker *asker = arg;

	event_asker_late(asker->title, asker->pid, MOST_SECONDS);
	kill(asker->pid, SIGKILL);
}

static struct asker *
asker_new(struct superd *superd, int fd, const char *title)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	if (asker == NULL)
		return NULL;
	asker->superd = superd;
	asker->fd = fd;
	loop_timer_init(&asker->deadline, too_late, asker);
	strlcpy(asker->title, title, sizeof(asker->title));
	if (loop_watch(superd->loop, fd, verdict_ready, asker) == 0)
		return asker;
	free(asker);
	return NULL;
}

void
asker_forget(struct asker *asker)
{
	if (asker == NULL)
		return;
	loop_timer_stop(asker->superd->loop, &asker->deadline);
	close_pipe(asker);
	process_forget(&asker->process);
	free(asker);
}

struct asker *
asker_start(struct superd *superd, const struct question *question)
{
	struct spawn_inside inside = { .prepared = superd->internal_command,
		.fd = question->fd,
		.run = run,
		.arg = question,
		.title = question->title };
	struct asker *asker;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return NULL;
	ends[0] = fd_high(ends[0]);
	asker = asker_new(superd, ends[0], question->title);
	if (asker == NULL) {
		close(ends[0]);
		close(ends[1]);
		return NULL;
	}
	inside.beside = ends[1];
	inside.process = &asker->process;
	asker->pid = spawn_inside(&inside);
	close(ends[1]);
	if (asker->pid < 0) {
		asker_forget(asker);
		return NULL;
	}
	loop_timer_set(superd->loop, &asker->deadline,
	    (int64_t)MOST_SECONDS * SECOND);
	return asker;
}

pid_t
asker_pid(const struct asker *asker)
{
	return asker->pid;
}

void
asker_own(struct asker *asker, process_ended_fn *ended,
    process_report_fn *report, void *arg)
{
	asker->process.ended = ended;
	asker->process.report = report;
	asker->process.arg = arg;
}

bool
asker_end(struct asker *asker, struct verdict *verdict)
{
	bool answered;

	if (asker->fd >= 0)
		take_verdict(asker);
	answered = asker->answered;
	*verdict = asker->verdict;
	asker_forget(asker);
	return answered;
}
