/* Children in boxes, for a moment each. */
#include "superd/box_trial.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/box.h"
#include "conf/copy.h"
#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/call_filter.h"
#include "superd/base/cgroup.h"
#include "superd/spawn/box.h"
#include "superd/spawn/child_steps.h"
#include "superd/spawn/leaves.h"

struct trials {
	struct reports *reports;
	const struct command **tried; /* one of each kind that goes well */
	size_t count;
	struct leaf_home home;
};

/* In the child. */
static void
enter(const struct command *command, int report)
{
	const struct prepared_command prepared = { .command = command,
		.error_fd = -1 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	become_report_to(report);
	become(&prepared, null, -1);
	box_filter(command->box);
	_exit(0);
}

/* 0, or what has failed: of other steps, the start will tell. */
static int
try_once(const struct command *command, struct spawn_report *report)
{
	int ends[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return 0;
	pid = box_fork(command->box);
	if (pid == 0)
		enter(command, ends[1]);
	close(ends[1]);
	report->step = SPAWN_BOX + (int)box_fork_part(command->box);
	report->error = errno;
	n = pid < 0 ?
	    (ssize_t)sizeof(*report) :
	    read(ends[0], report, sizeof(*report));
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return n == (ssize_t)sizeof(*report) && report->step >= SPAWN_BOX;
}

/* A group that nobody is in. */
static int
try_leaf(struct trials *trials, const struct box *box,
    struct spawn_report *report)
{
	char name[32];
	enum box_part part;
	int leaf = -1;

	if (trials->home.daemon == 0 || !box_has_leaf(box))
		return 0;
	snprintf(name, sizeof(name), "trial-%d", (int)getpid());
	if (leaf_home_open(&trials->home, box, &part))
		leaf = leaf_make(&trials->home, name, box, &part);
	report->step = SPAWN_BOX + (int)part;
	report->error = errno;
	if (leaf < 0)
		return 1;
	close(leaf);
	cgroup_remove(trials->home.fd, name);
	return 0;
}

static char *const *
paths_of(const struct box *box, int part)
{
	switch (part) {
	case BOX_READ_ONLY:
		return box->read_only;
	case BOX_READ_WRITE:
		return box->read_write;
	case BOX_HIDDEN:
		return box->hidden;
	default:
		return NULL;
	}
}

/* The path that is not there, or "". */
static char *
missing_path(const struct box *box, int part)
{
	char *const *paths = paths_of(box, part);
	const char *root = box->root != NULL ? box->root : "";

	for (; paths != NULL && *paths != NULL; paths++) {
		char *path = xasprintf("%s%s", root, *paths);
		bool there = access(path, F_OK) == 0;

		free(path);
		if (!there)
			return xasprintf(" %s", *paths);
	}
	return xstrdup("");
}

/* True: it is worth another try. */
static bool
settle(struct service *service, const struct spawn_report *report,
    struct reports *reports)
{
	struct box *box = service->command.box;
	int part = report->step - SPAWN_BOX;
	char *path = missing_path(box, part);

	report_add(reports, box->fallback ? REPORT_WARNING : REPORT_UNSERVABLE,
	    &service->place, "%s: %s%s: %s; %s", service->id,
	    spawn_step_name(report->step), path, strerror(report->error),
	    box->fallback ? "it is served without" :
			    "box_fallback = yes would serve it without");
	free(path);
	if (!box->fallback)
		service_fail(service, report->error == ENOENT);
	else
		box->missing |= 1u << part;
	return box->fallback;
}

/* Made in the load's memory, as what the texts say. */
static int
make_filter(struct trials *trials, struct service *service,
    struct spawn_report *report)
{
	struct box *box = service->command.box;

	if (!box->syscalls_set || box->filter != NULL ||
	    box_lacks(box, BOX_SYSCALLS))
		return 0;
	box->filter = call_filter_make(box->syscalls, box->denies,
	    &box->nfilter);
	report->step = SPAWN_BOX + BOX_SYSCALLS;
	report->error = errno;
	if (box->filter == NULL)
		return 1;
	for (char *const *name = box->syscalls; name != NULL && *name != NULL;
	     name++)
		if (!call_filter_knows(*name))
			report_add(trials->reports, REPORT_WARNING,
			    &service->place,
			    "%s: syscalls %s: unknown system call", service->id,
			    *name);
	return 0;
}

static bool
is_known(const struct trials *trials, const struct command *command)
{
	for (size_t i = 0; i < trials->count; i++)
		if (box_equal(trials->tried[i]->box, command->box) &&
		    trials->tried[i]->change_user == command->change_user &&
		    trials->tried[i]->uid == command->uid)
			return true;
	return false;
}

static void
try_service(struct trials *trials, struct service *service)
{
	struct spawn_report report;
	unsigned left = BOX_PARTS;

	while (make_filter(trials, service, &report))
		if (!settle(service, &report, trials->reports))
			return;
	if (is_known(trials, &service->command))
		return;
	while (try_leaf(trials, service->command.box, &report) ||
	    try_once(&service->command, &report)) {
		if (left-- == 0 || !settle(service, &report, trials->reports))
			return;
	}
	trials->tried = xgrow(trials->tried, trials->count,
	    sizeof(*trials->tried));
	trials->tried[trials->count++] = &service->command;
}

void
box_trial(struct conf *conf, struct reports *reports, pid_t daemon)
{
	struct trials trials = { .reports = reports, .home = { -1, daemon } };

	for (size_t i = 0; i < conf->count; i++) {
		struct service *service = conf->services[i];

		if (service->command.box != NULL && !service->disabled &&
		    !service->unservable && service->command.program != NULL)
			try_service(&trials, service);
	}
	free(trials.tried);
	if (trials.home.fd >= 0)
		close(trials.home.fd);
	reports_sort(reports);
}
