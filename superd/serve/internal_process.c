/* From the services that it serves to a running process. */
#include "superd/serve/internal_process.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/confine.h"
#include "superd/base/descriptors.h"
#include "superd/running/records.h"
#include "superd/running/renew.h"
#include "superd/running/running_tree.h"
#include "superd/serve/post.h"
#include "superd/serve/seats.h"
#include "superd/serve/serving.h"
#include "superd/spawn/spawn.h"

/* Clients of tcpmux ask for it by name. */
static bool
is_behind_mux(const struct running *running)
{
	return running->service != NULL && running->service->mux != MUX_NONE;
}

static bool
knows(const struct internal *internal, const struct running *running)
{
	return running->seat == internal->seat || is_behind_mux(running);
}

static size_t
count_services(const struct internal *internal)
{
	struct running *running;
	size_t count = 0;

	for (running = running_first(internal->superd); running != NULL;
	     running = running_next(running))
		count += knows(internal, running);
	return count;
}

/* -1: no memory. */
static int
collect_services(struct internal *internal)
{
	struct superd *superd = internal->superd;
	size_t count = count_services(internal);
	struct running *running;

	internal->services = calloc(count + 1, sizeof(struct running *));
	internal->gone = calloc(count + 1, sizeof(bool));
	internal->own = calloc(count + 1, sizeof(bool));
	if (internal->services == NULL || internal->gone == NULL ||
	    internal->own == NULL)
		return -1;
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (knows(internal, running))
			internal->services[internal->nservices++] = running;
	qsort(internal->services, count, sizeof(struct running *),
	    internal_compare_services);
	for (size_t i = 0; i < count; i++) {
		running = internal->services[i];
		internal->own[i] = running->seat == internal->seat;
		if (internal->own[i])
			running->told_waiting = 0;
	}
	return 0;
}

/* Their descriptors, in ascending order, which it keeps. */
static int *
collect_descriptors(struct internal *internal, int null, size_t *count)
{
	size_t room = 1;
	int *fds;

	for (size_t i = 0; i < internal->nservices; i++)
		room += internal->services[i]->nlisteners;
	fds = calloc(room + 1, sizeof(*fds));
	if (fds == NULL)
		return NULL;
	fds[(*count)++] = internal->knocker;
	fds[(*count)++] = null;
	for (size_t i = 0; i < internal->nservices; i++) {
		struct running *running = internal->services[i];

		if (!internal->own[i] || !running->elsewhere)
			continue;
		for (size_t j = 0; j < running->nlisteners; j++) {
			struct listener *listener = running->listeners[j];

			listener->told = 0;
			/* some are still a server's */
			if (listener->blocked != 0)
				continue;
			listener->given = true;
			fds[(*count)++] = listener->fd;
		}
	}
	return fds;
}

void
internal_process_close(struct internal *internal)
{
	struct loop *loop = internal->superd->loop;

	if (internal->channel < 0)
		return;
	loop_unwatch(loop, internal->channel);
	loop_timer_stop(loop, &internal->again);
	pulse_close(&internal->pulse);
	close(internal->channel);
	internal->channel = -1;
	internal_post_drop(internal);
}

static void
close_knocker(struct internal *internal)
{
	if (internal->knocker >= 0)
		close(internal->knocker);
	internal->knocker = -1;
}

void
internal_process_examine(const struct internal *internal)
{
	for (size_t i = 0; i < internal->nservices; i++) {
		struct running *running = internal->services[i];

		if (internal->gone[i] || !internal->own[i] ||
		    !running->elsewhere)
			continue;
		for (size_t j = 0; j < running->nlisteners; j++)
			if (running->listeners[j]->fd >= 0)
				listener_examine(running->listeners[j]);
	}
}

void
internal_process_free(struct internal *internal)
{
	struct loop *loop = internal->superd->loop;

	internal_process_close(internal);
	loop_unwatch(loop, internal->knock);
	close_knocker(internal);
	if (internal->knock >= 0)
		close(internal->knock);
	process_forget(&internal->process);
	ring_free(internal->ring);
	free(internal->services);
	free(internal->gone);
	free(internal->own);
	free(internal->title);
	free(internal);
}

static struct internal *
new_process(struct seat *seat, unsigned slot,
    const struct internal_hooks *hooks)
{
	struct internal *internal = calloc(1, sizeof(*internal));
	int ends[2], result;

	if (internal == NULL)
		return NULL;
	internal->superd = seat->superd;
	internal->seat = seat;
	internal->channel = internal->pulse.fd = -1;
	internal->slot = slot;
	internal->title = seat_title(seat);
	internal->started = loop_clock();
	internal->listening = true;
	internal->most = seat->superd->pools[PLACE_CONNECTION].max;
	loop_timer_init(&internal->again, internal_post_again, internal);
	internal->process.ended = hooks->ended;
	internal->process.report = hooks->failed;
	internal->process.arg = internal;
	TAILQ_INIT(&internal->connections);
	STAILQ_INIT(&internal->posts);
	internal->ring = ring_new();
	result = fd_pipe(ends);
	internal->knock = ends[0];
	internal->knocker = ends[1];
	if (result == 0 && internal->slot != 0 && internal->title != NULL &&
	    internal->ring != NULL && collect_services(internal) == 0)
		return internal;
	internal_process_free(internal);
	return NULL;
}

static int
compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int
fork_internal(struct internal *internal, int end)
{
	struct superd *superd = internal->superd;
	const struct serving_start start = { superd, internal,
		internal->services, internal->own, internal->nservices,
		internal->ring, internal->knocker, internal->slot };
	struct spawn_inside inside = { .prepared = superd->internal_command,
		.fd = end,
		.beside = internal->pulse.asked,
		.run = serving_run,
		.arg = &start,
		.title = internal->title,
		.prepare = confine_prepare,
		.process = &internal->process };
	int *fds;

	inside.null = fd_high(open("/dev/null", O_RDWR | O_CLOEXEC));
	fds = collect_descriptors(internal, inside.null, &inside.nkept);
	if (fds == NULL || inside.null < 0) {
		free(fds);
		return -1;
	}
	inside.kept = fds;
	qsort(fds, inside.nkept, sizeof(*fds), compare_ints);
	internal->pid = spawn_inside(&inside);
	close(inside.null);
	free(fds);
	return internal->pid < 0 ? -1 : 0;
}

static int
begin(struct internal *internal, const struct internal_hooks *hooks)
{
	struct loop *loop = internal->superd->loop;
	int ends[2];

	if (pulse_open(&internal->pulse, loop, hooks->patience, hooks->hung,
		internal) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	internal->channel = fd_high(ends[0]);
	if (loop_watch(loop, internal->channel, hooks->speaks, internal) != 0 ||
	    loop_watch(loop, internal->knock, hooks->knocked, internal) != 0 ||
	    fork_internal(internal, ends[1]) != 0) {
		close(ends[1]);
		return -1;
	}
	close(ends[1]);
	close_knocker(internal);
	pulse_given(&internal->pulse);
	pulse_rest(&internal->pulse);
	return 0;
}

struct internal *
internal_process_start(struct seat *seat, unsigned slot,
    const struct internal_hooks *hooks)
{
	struct internal *internal = new_process(seat, slot, hooks);

	if (internal == NULL)
		return NULL;
	if (begin(internal, hooks) == 0)
		return internal;
	internal_process_free(internal);
	return NULL;
}
