/* Servers: a process for each client, or for a socket that is lent. */
#include "superd/serve/server.h"

#include <stdlib.h>
#include <unistd.h>

#include "services/services.h"
#include "superd/policy/users.h"
#include "superd/running/child.h"
#include "superd/running/event.h"
#include "superd/running/records.h"
#include "superd/running/stderr_pipe.h"
#include "superd/spawn/identity.h"
#include "superd/spawn/spawn.h"

/* A socket that was bound is not asked where: others may have it locked. */
static const struct addr *
bound_address(const struct running *running, int fd)
{
	for (size_t i = 0; i < running->nlisteners; i++)
		if (running->listeners[i]->fd == fd)
			return running->listeners[i]->bound;
	return NULL;
}

static pid_t
start(struct running *running, const struct spawn_request *request)
{
	pid_t pid;

	if (stderr_prepare(running) != 0)
		return -1;
	pid = spawn_child(running->superd->spawner, request);
	if (pid < 0)
		stderr_failed(running);
	return pid;
}

/* A reload may have changed whom it may run as: then it has no identity, and
 * says so itself. */
static pid_t
start_as_peer(struct running *running, struct spawn_request *request)
{
	struct identity *identity = identity_of_peer(request->fd);
	pid_t pid;

	if (identity == NULL)
		return -1;
	if (users_may_be(running->service, identity->uid))
		request->identity = identity;
	pid = start(running, request);
	free(identity);
	return pid;
}

/* local: as a proxy has told it; NULL: none has.  leaf: becomes the number of
 * its leaf, and is 0 before. */
static pid_t
start_program(struct running *running, int fd, const struct addr *peer,
    const struct addr *local, unsigned *leaf)
{
	struct spawn_request request = { running->prepared, fd, peer,
		local != NULL ? local : bound_address(running, fd), running->id,
		leaf, NULL };

	return running->service->command.as_peer ?
	    start_as_peer(running, &request) :
	    start(running, &request);
}

struct child *
server_start(const struct connection *client)
{
	struct running *running = client->running;
	const struct addr *peer = connection_peer(client);
	struct child *child;
	unsigned leaf = 0;
	pid_t pid = start_program(running, client->fd, peer,
	    client->local.len > 0 ? &client->local : NULL, &leaf);

	if (pid < 0)
		return NULL;
	child = running_started(running, pid, peer);
	child_accepted(child, client->fd);
	child_runs(child);
	child->own.leaf = leaf;
	stderr_started(running, &child->own, peer);
	return child;
}

int
server_resume(struct child *child)
{
	struct running *running = child->running;
	const struct addr *peer = child->peer.len > 0 ? &child->peer : NULL;
	int fd = child->handed;
	unsigned leaf = 0;
	pid_t pid;

	pid = start_program(running, fd >= 0 ? fd : child->listener->fd, peer,
	    child->told ? child->local : NULL, &leaf);
	if (pid < 0)
		return -1;
	child_became(child, pid);
	if (fd >= 0)
		child_accepted(child, fd);
	child_runs(child);
	child->own.leaf = leaf;
	stderr_started(running, &child->own, peer);
	event_started(running, pid, peer);
	if (fd >= 0)
		spawn_close(running->superd->spawner, fd);
	child->handed = -1;
	return 0;
}
