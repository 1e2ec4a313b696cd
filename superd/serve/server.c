/* Servers: a process for each client, or for a socket that is lent. */
#include "superd/serve/server.h"

#include <unistd.h>

#include "superd/running/child.h"
#include "superd/running/stderr_pipe.h"
#include "superd/running/way.h"
#include "superd/spawn/spawn.h"

static void
run_handler(const void *arg)
{
	const struct handler *handler = arg;

	handler->stream(STDIN_FILENO);
}

/* A socket that was bound is not asked where: others may have it locked. */
static const struct addr *
bound_address(const struct live *live, int fd)
{
	for (size_t i = 0; i < live->nlisteners; i++)
		if (live->listeners[i]->fd == fd)
			return &live->listeners[i]->bound;
	return NULL;
}

pid_t
server_spawn_program(struct live *live, int fd, const struct addr *peer)
{
	const struct spawn_request request = { live->image, fd, peer,
		bound_address(live, fd) };
	pid_t pid;

	if (errout_prepare(live) != 0)
		return -1;
	pid = spawn_child(live->superd->spawner, &request);
	if (pid < 0)
		errout_failed(live);
	return pid;
}

pid_t
server_spawn_handler(struct live *live, int fd, const struct addr *peer)
{
	const struct spawn_inside inside = {
		.image = live->superd->internal_image,
		.fd = fd,
		.beside = -1,
		.title = live->id,
		.run = run_handler,
		.arg = live->handler
	};

	(void)peer;
	return spawn_inside(&inside);
}

struct child *
server_start(struct live *live, int fd, const struct addr *peer)
{
	struct child *child;
	pid_t pid = live->way->spawn(live, fd, peer);

	if (pid < 0)
		return NULL;
	child = live_started(live, pid, peer);
	child_runs(child);
	errout_started(child);
	return child;
}

int
server_resume(struct child *child)
{
	struct live *live = child->live;
	const struct addr *peer = child->peer.len > 0 ? &child->peer : NULL;
	int fd = child->handed;
	pid_t pid;

	pid = live->way->spawn(live, fd >= 0 ? fd : child->listener->fd, peer);
	if (pid < 0)
		return -1;
	child_became(child, pid);
	child_runs(child);
	errout_started(child);
	live_log_start(live, pid, peer);
	if (fd >= 0)
		spawn_close(live->superd->spawner, fd);
	child->handed = -1;
	return 0;
}
