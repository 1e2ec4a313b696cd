/* A process for each request. */
#include "superd/apart.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/io.h"
#include "superd/base/clock.h"
#include "superd/base/memory_file.h"
#include "superd/control/metrics.h"
#include "superd/control/request.h"
#include "superd/control/sessions.h"
#include "superd/spawn/spawn.h"

/* One that takes longer has gone wrong. */
static const int64_t LONGEST = 20 * (int64_t)SECOND;

/* Write the answer, in the process. */
typedef void write_fn(struct request *, struct text *);

struct apart {
	struct request *request;
	write_fn *write;
	struct process process;
	pid_t pid;
	struct loop_timer deadline;
};

/* In the process. */

static void
write_answer(const void *arg)
{
	const struct apart *apart = arg;
	struct text text = { 0 };

	apart->write(apart->request, &text);
	if (text.failed ||
	    write_all(STDOUT_FILENO, text.bytes, text.length, -1) != 0)
		_exit(1);
	_exit(0);
}

/* In the daemon. */

static void
forget(struct apart *apart)
{
	loop_timer_stop(apart->request->superd->loop, &apart->deadline);
	process_forget(&apart->process);
	free(apart);
}

static void
ended(void *arg, int status)
{
	struct apart *apart = arg;
	struct request *request = apart->request;
	enum control_exit result = CONTROL_OK;

	forget(apart);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		close(request->file);
		request->file = -1;
		result = request_refuse(request, CONTROL_FAILED,
		    "%s: the process that writes them has failed",
		    request->words[0]);
	}
	control_answer(request, result);
}

static void
failed(void *arg, const struct spawn_report *report)
{
	(void)arg; /* its status tells */
	(void)report;
}

static void
unwanted(struct request *request)
{
	struct apart *apart = request->later;

	kill(apart->pid, SIGKILL);
	forget(apart);
}

static void
too_late(void *arg)
{
	const struct apart *apart = arg;

	kill(apart->pid, SIGKILL);
}

static int
start(struct apart *apart)
{
	struct request *request = apart->request;
	struct superd *superd = request->superd;
	struct spawn_inside inside = { .prepared = superd->internal_command,
		.beside = -1,
		.run = write_answer,
		.arg = apart,
		.title = request->words[0],
		.process = &apart->process };

	request->file = inside.fd = memory_file();
	if (inside.fd < 0)
		return -1;
	vitals_read(&superd->vitals);
	apart->process.ended = ended;
	apart->process.report = failed;
	apart->process.arg = apart;
	loop_timer_init(&apart->deadline, too_late, apart);
	apart->pid = spawn_inside(&inside);
	return apart->pid < 0 ? -1 : 0;
}

static enum control_exit
write_apart(struct request *request, write_fn *write)
{
	struct apart *apart = calloc(1, sizeof(*apart));

	if (apart == NULL)
		return request_refuse(request, CONTROL_FAILED,
		    "%s: out of memory", request->words[0]);
	apart->request = request;
	apart->write = write;
	if (start(apart) != 0) {
		free(apart);
		return request_refuse(request, CONTROL_FAILED, "%s: %s",
		    request->words[0], strerror(errno));
	}
	loop_timer_set(request->superd->loop, &apart->deadline, LONGEST);
	request->later = apart;
	request->unwanted = unwanted;
	request->while_there = true;
	return CONTROL_OK;
}

static void
write_metrics(struct request *request, struct text *text)
{
	metrics_write(request->superd, text);
}

enum control_exit
do_metrics(struct request *request)
{
	if (request->json)
		return request_refuse(request, CONTROL_USAGE,
		    "metrics: expected no --json; the status has it");
	return write_apart(request, write_metrics);
}

enum control_exit
do_sessions(struct request *request)
{
	enum control_exit status;

	if (request->count > 1 && request_service(request, &status) == NULL)
		return status;
	return write_apart(request, sessions_write);
}
