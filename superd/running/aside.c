/* Processes that do what may have to wait. */
#include "superd/running/aside.h"

#include <signal.h>
#include <stdlib.h>

#include "superd/running/blocked.h"
#include "superd/running/listener_more.h"
#include "superd/running/records.h"
#include "superd/spawn/process.h"
#include "superd/spawn/spawn.h"

struct aside {
	struct process process;
	struct listener *listener;
	aside_done_fn *done;
};

static void
ended(void *arg, int status)
{
	struct aside *aside = arg;
	struct listener *listener = aside->listener;
	aside_done_fn *done = aside->done;

	listener->more->aside = NULL;
	free(aside);
	if (done != NULL)
		done(listener, status);
	if (listener->more->aside == NULL)
		listener_unblock(listener, BLOCK_ASIDE);
}

bool
aside_start(struct listener *listener, void (*run)(const void *arg),
    const void *arg, aside_done_fn *done)
{
	struct aside *aside = calloc(1, sizeof(*aside));
	struct spawn_inside inside = {
		.prepared = listener->running->superd->internal_command,
		.fd = listener->fd,
		.beside = -1,
		.run = run,
		.arg = arg,
		.title = listener->running->id
	};

	aside_forget(listener);
	if (aside == NULL || more_get(listener) == NULL) {
		free(aside);
		return false;
	}
	aside->process.ended = ended;
	aside->process.arg = aside;
	aside->listener = listener;
	aside->done = done;
	inside.process = &aside->process;
	if (spawn_inside(&inside) <= 0) {
		free(aside);
		return false;
	}
	listener->more->aside = aside;
	listener_block(listener, BLOCK_ASIDE);
	return true;
}

void
aside_forget(struct listener *listener)
{
	struct aside *aside = more_of(listener)->aside;

	if (aside == NULL)
		return;
	kill(aside->process.pid, SIGKILL);
	process_forget(&aside->process);
	free(aside);
	listener->more->aside = NULL;
	listener_unblock(listener, BLOCK_ASIDE);
}
