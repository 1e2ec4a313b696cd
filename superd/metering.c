/* A process without rights for each request, since the loop has others. */
#include "superd/metering.h"

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
#include "superd/spawn/spawn.h"

/* One that takes longer has gone wrong. */
static const int64_t LONGEST = 20 * (int64_t)SECOND;

struct metering {
	struct request *request;
	struct process process;
	pid_t pid;
	struct loop_timer deadline;
};

/* In the process. */

static void
write_metrics(const void *arg)
{
	const struct metering *metering = arg;
	struct text text = { 0 };

	metrics_write(metering->request->superd, &text);
	if (text.failed ||
	    write_all(STDOUT_FILENO, text.bytes, text.length, -1) != 0)
		_exit(1);
	_exit(0);
}

/* In the daemon. */

static void
forget(struct metering *metering)
{
	loop_timer_stop(metering->request->superd->loop, &metering->deadline);
	process_forget(&metering->process);
	free(metering);
}

static void
ended(void *arg, int status)
{
	struct metering *metering = arg;
	struct request *request = metering->request;
	enum control_exit result = CONTROL_OK;

	forget(metering);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		close(request->file);
		request->file = -1;
		result = request_refuse(request, CONTROL_FAILED,
		    "metrics: the process that writes them has failed");
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
	struct metering *metering = request->later;

	kill(metering->pid, SIGKILL);
	forget(metering);
}

static void
too_late(void *arg)
{
	const struct metering *metering = arg;

	kill(metering->pid, SIGKILL);
}

static int
start(struct metering *metering)
{
	struct request *request = metering->request;
	struct superd *superd = request->superd;
	struct spawn_inside inside = { .prepared = superd->internal_command,
		.beside = -1,
		.run = write_metrics,
		.arg = metering,
		.title = "metrics",
		.process = &metering->process };

	request->file = inside.fd = memory_file();
	if (inside.fd < 0)
		return -1;
	vitals_read(&superd->vitals);
	metering->process.ended = ended;
	metering->process.report = failed;
	metering->process.arg = metering;
	loop_timer_init(&metering->deadline, too_late, metering);
	metering->pid = spawn_inside(&inside);
	return metering->pid < 0 ? -1 : 0;
}

enum control_exit
do_metrics(struct request *request)
{
	struct metering *metering;

	if (request->json)
		return request_refuse(request, CONTROL_USAGE,
		    "metrics: expected no --json; the status has it");
	metering = calloc(1, sizeof(*metering));
	if (metering == NULL)
		return request_refuse(request, CONTROL_FAILED,
		    "metrics: out of memory");
	metering->request = request;
	if (start(metering) != 0) {
		free(metering);
		return request_refuse(request, CONTROL_FAILED, "metrics: %s",
		    strerror(errno));
	}
	loop_timer_set(request->superd->loop, &metering->deadline, LONGEST);
	request->later = metering;
	request->unwanted = unwanted;
	request->while_there = true;
	return CONTROL_OK;
}
