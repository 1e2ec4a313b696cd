/* From the records of superd to those of an upgrade. */
#include "superd/upgrade_keep.h"

#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/passed.h"
#include "superd/control/control.h"
#include "superd/instance.h"
#include "superd/running/children.h"
#include "superd/running/override.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"
#include "superd/running/stderr_pipe.h"
#include "superd/spawn/daemon.h"

/* Room for one more at the end of a list. */
#define ONE_MORE(list, count)                                          \
	((list) = xreallocarray((list), (count) + 1, sizeof(*(list))), \
	    memset(&(list)[count], 0, sizeof(*(list))), &(list)[(count)++])

static char *
copy(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

static void
keep_self(const struct superd *superd, struct kept_self *self)
{
	self->pid = getpid();
	self->started = superd->started;
	self->applied = (int64_t)superd->reload_counts.applied;
	self->refused = (int64_t)superd->reload_counts.refused;
	self->detached = daemon_detached();
	self->pid_path = copy(pid_file_path());
	self->control_path = copy(control_path(superd->control));
	self->lock = kept_fd(instance_fd());
	self->pid_file = kept_fd(pid_file_fd());
	self->control = kept_fd(control_fd(superd->control));
	self->reply.fd = -1;
}

static void
keep_listener(struct upgrade_state *state, const struct listener *listener)
{
	const struct running *running = listener->running;
	struct kept_listener *kept;

	if (listener->fd < 0 || running->service == NULL || listener->orphan)
		return;
	kept = ONE_MORE(state->listeners, state->nlisteners);
	kept->id = xstrdup(running->id);
	kept->name = listener->stored != NULL ?
	    xstrdup(listener->stored) :
	    passed_name((unsigned)listener->fd, running->service);
	kept->socket = kept_fd(listener->fd);
	kept->busy = listener->server != NULL;
}

static void
keep_service(struct upgrade_state *state, const struct running *running)
{
	const struct counters *counters = &running->counters;
	struct kept_service *kept = ONE_MORE(state->services, state->nservices);
	const uint64_t counted[6] = { counters->accepted, counters->started,
		counters->answered, counters->datagrams, counters->discarded,
		counters->failed };

	kept->id = xstrdup(running->id);
	kept->override = copy(override_text(running));
	kept->closed = running->closed;
	kept->starts_full_at = running->starts.full_at;
	memcpy(kept->counted, counted, sizeof(counted));
	if (counters->refused != NULL)
		memcpy(kept->refused, counters->refused, sizeof(kept->refused));
	for (size_t i = 0; i < running->nlisteners; i++)
		keep_listener(state, running->listeners[i]);
}

/* Connections of internal processes stay with these, and end there. */
static void
keep_child(void *arg, const struct child *child)
{
	struct upgrade_state *state = arg;
	struct kept_child *kept;

	if (child->kind != CHILD_RUNS)
		return;
	kept = ONE_MORE(state->children, state->nchildren);
	kept->id = xstrdup(child->running->id);
	kept->pid = child->pid;
	kept->peer = child->peer;
	if (child->local != NULL)
		kept->local = *child->local;
	kept->started = child->started;
	kept->started_at = child->started_at;
	kept->told = child->told;
	kept->uncounted = child->uncounted;
	kept->killed = child->killed;
	kept->listener = child->listener != NULL ? child->listener->fd : -1;
}

static void
keep_pipe(void *arg, const char *id, pid_t pid, const struct addr *peer, int fd)
{
	struct upgrade_state *state = arg;
	struct kept_pipe *kept = ONE_MORE(state->pipes, state->npipes);

	kept->id = xstrdup(id);
	kept->pid = pid;
	kept->peer = *peer;
	kept->pipe = kept_fd(fd);
}

static void
keep_denied(void *arg, const struct denied *denied)
{
	struct upgrade_state *state = arg;

	*ONE_MORE(state->denied, state->ndenied) = *denied;
}

void
upgrade_keep(const struct superd *superd, struct upgrade_state *state)
{
	struct running *running;

	memset(state, 0, sizeof(*state));
	keep_self(superd, &state->self);
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		keep_service(state, running);
	children_each(superd->children, keep_child, state);
	stderr_each(superd->stderr_pipes, keep_pipe, state);
	denylist_each(superd->denylist, keep_denied, state);
}
