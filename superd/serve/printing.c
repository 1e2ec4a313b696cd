/* One process at a time for each page, and who waits for it. */
#include "superd/serve/printing.h"

#include <sys/wait.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "services/io.h"
#include "superd/base/clock.h"
#include "superd/base/memory_file.h"
#include "superd/running/event.h"
#include "superd/running/records.h"
#include "superd/serve/pages.h"
#include "superd/serve/post.h"
#include "superd/spawn/spawn.h"

/* A page that takes longer has gone wrong; and there is one in GAP at most,
 * however many want it. */
static const int64_t LONGEST = 20 * (int64_t)SECOND;
static const int64_t GAP = SECOND / 50;

TAILQ_HEAD(batch, child);

struct printing {
	struct printings *printings;
	unsigned page;
	/* Who waits for the one that is written, and who came later. */
	struct batch batches[2];
	unsigned later; /* its index */
	struct process process;
	pid_t pid; /* 0: none is written */
	int fd;
	int64_t started; /* loop_clock() */
	struct loop_timer start, deadline;
};

struct printings {
	struct superd *superd;
	void (*hear)(struct superd *);
	size_t count;
	struct printing list[];
};

/* In the process. */

static void
write_page(const void *arg)
{
	const struct printing *printing = arg;
	struct text text = { 0 };

	page_write(printing->printings->superd, printing->page, &text);
	if (text.failed ||
	    write_all(STDOUT_FILENO, text.bytes, text.length, -1) != 0)
		_exit(1);
	_exit(0);
}

/* In the daemon. */

static const char *
name_of(const struct printing *printing)
{
	return printing->printings->superd->pages[printing->page].service;
}

/* file: or -1, stays the caller's. */
static void
answer(struct child *child, int file)
{
	const struct order order = { .kind = ORDER_PAGE,
		.id = child->hosted.id };

	printing_forget(child);
	internal_post(child->hosted.internal, &order, file);
}

static void
answer_all(struct batch *batch, int file)
{
	while (!TAILQ_EMPTY(batch))
		answer(TAILQ_FIRST(batch), file);
}

static void
start_later(struct printing *printing)
{
	struct loop *loop = printing->printings->superd->loop;
	int64_t left = printing->started + GAP - loop_now(loop);

	if (printing->pid == 0 && !loop_timer_running(&printing->start))
		loop_timer_set(loop, &printing->start, left > 0 ? left : 0);
}

static void
done(struct printing *printing, bool well)
{
	struct batch *batch = &printing->batches[1 - printing->later];

	printing->pid = 0;
	loop_timer_stop(printing->printings->superd->loop, &printing->deadline);
	if (well && memory_file_seal(printing->fd) == 0)
		answer_all(batch, printing->fd);
	answer_all(batch, -1);
	if (printing->fd >= 0)
		close(printing->fd);
	printing->fd = -1;
	if (!TAILQ_EMPTY(&printing->batches[printing->later]))
		start_later(printing);
}

static void
ended(void *arg, int status)
{
	struct printing *printing = arg;
	bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	const struct child *child;
	size_t lost = 0;

	TAILQ_FOREACH (child, &printing->batches[1 - printing->later],
	    hosted.queue)
		lost++;
	if (!well)
		event_process_died(name_of(printing), printing->pid, status,
		    lost);
	done(printing, well);
}

static void
failed(void *arg, const struct spawn_report *report)
{
	const struct printing *printing = arg;

	event_process_failed(name_of(printing), printing->pid,
	    spawn_step_name(report->step), report->error);
}

static void
too_late(void *arg)
{
	const struct printing *printing = arg;

	kill(printing->pid, SIGKILL);
}

static pid_t
start(struct printing *printing)
{
	struct spawn_inside inside = {
		.prepared = printing->printings->superd->internal_command,
		.beside = -1,
		.run = write_page,
		.arg = printing,
		.title = name_of(printing),
		.process = &printing->process
	};

	printing->fd = inside.fd = memory_file();
	return inside.fd < 0 ? -1 : spawn_inside(&inside);
}

static void
begin(void *arg)
{
	struct printing *printing = arg;
	struct superd *superd = printing->printings->superd;

	printing->printings->hear(superd);
	/* who was heard of only now is in time */
	loop_timer_stop(superd->loop, &printing->start);
	if (printing->pid != 0 ||
	    TAILQ_EMPTY(&printing->batches[printing->later]))
		return;
	printing->later = 1 - printing->later;
	printing->started = loop_clock();
	vitals_read(&superd->vitals);
	printing->pid = start(printing);
	if (printing->pid < 0)
		done(printing, false);
	else
		loop_timer_set(superd->loop, &printing->deadline, LONGEST);
}

/* Its service may have become another one meanwhile. */
bool
printing_want(struct printings *printings, struct child *child, unsigned page)
{
	struct printing *printing;

	if (child->hosted.batch != NULL)
		return false;
	if (!page_is_of(printings->superd, page,
		child->running->service->internal)) {
		answer(child, -1);
		return true;
	}
	printing = &printings->list[page];
	child->hosted.batch = &printing->batches[printing->later];
	TAILQ_INSERT_TAIL(child->hosted.batch, child, hosted.queue);
	start_later(printing);
	return true;
}

void
printing_forget(struct child *child)
{
	if (child->hosted.batch != NULL)
		TAILQ_REMOVE(child->hosted.batch, child, hosted.queue);
	child->hosted.batch = NULL;
}

struct printings *
printings_new(struct superd *superd, void (*hear)(struct superd *))
{
	struct printings *printings = xcalloc(1,
	    sizeof(*printings) + superd->npages * sizeof(struct printing));

	printings->superd = superd;
	printings->hear = hear;
	printings->count = superd->npages;
	for (size_t i = 0; i < printings->count; i++) {
		struct printing *printing = &printings->list[i];

		printing->printings = printings;
		printing->page = (unsigned)i;
		printing->fd = -1;
		TAILQ_INIT(&printing->batches[0]);
		TAILQ_INIT(&printing->batches[1]);
		printing->process.ended = ended;
		printing->process.report = failed;
		printing->process.arg = printing;
		loop_timer_init(&printing->start, begin, printing);
		loop_timer_init(&printing->deadline, too_late, printing);
	}
	return printings;
}

static void
close_one(struct printing *printing)
{
	struct loop *loop = printing->printings->superd->loop;

	loop_timer_stop(loop, &printing->start);
	loop_timer_stop(loop, &printing->deadline);
	process_forget(&printing->process);
	if (printing->fd >= 0)
		close(printing->fd);
}

void
printings_free(struct printings *printings)
{
	for (size_t i = 0; printings != NULL && i < printings->count; i++)
		close_one(&printings->list[i]);
	free(printings);
}
