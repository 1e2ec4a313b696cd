/* From a gate's child to a worker. */
#include "superd/handover.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "superd/fds.h"
#include "superd/gate.h"
#include "superd/live.h"
#include "superd/spawn.h"
#include "superd/workers.h"

/* No accident of a process ends it so. */
enum { EXIT_ADMITTED = 77 };

static void
say_admitted(const void *arg, int fd)
{
	(void)arg;
	(void)fd;
	_exit(EXIT_ADMITTED);
}

struct child *
handover_start(struct live *live, int fd, const struct addr *peer)
{
	struct spawn_request request = { .fd = fd, .peer = peer,
		.image = live->superd->internal_image,
		.internal = say_admitted };
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH);
	struct child *child;
	pid_t pid;

	if (copy < 0)
		return NULL;
	gate_prepare(live, &request);
	pid = spawn_child(live->superd->spawner, &request);
	if (pid < 0) {
		close(copy);
		return NULL;
	}
	child = live_counted(live, pid, peer);
	child->handed = copy;
	return child;
}

void
handover_ended(struct child *child, int status)
{
	struct live *live = child->live;
	int fd = child->handed;
	bool admitted = WIFEXITED(status) &&
	    WEXITSTATUS(status) == EXIT_ADMITTED;

	child->handed = -1;
	if (WIFSIGNALED(status)) {
		close(fd);
		child_end(child, status);
		return;
	}
	/* meanwhile it may have gone, or become another kind of service; or
	 * superd ends, and waits for those who are served already */
	if (!admitted || live->removed || live->superd->stopping ||
	    !workers_serve(live)) {
		close(fd);
		child_drop(child);
		return;
	}
	if (workers_take_over(child, fd) != 0) {
		live_connection_failed(child, errno);
		child_drop(child);
		close(fd);
	}
}
