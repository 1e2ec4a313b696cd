/*
 * The check of the state.  Everything is counted anew from the child table,
 * the internal processes and the listeners, and compared with what is kept.
 * Changes nothing.
 */
#include "superd/control/selfcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "superd/base/generation.h"
#include "superd/running/children.h"
#include "superd/running/event_self.h"
#include "superd/running/line.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"
#include "superd/serve/internal.h"

struct finding {
	const struct running *running; /* NULL: of no service */
	unsigned children;	       /* of services */
	size_t connections;	       /* of internal processes */
	unsigned places[PLACES];       /* of children */
	size_t problems;
};

static void found(struct finding *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
found(struct finding *finding, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	event_inconsistent(finding->running != NULL ?
		finding->running->id :
		NULL,
	    text);
	finding->problems++;
}

static void
check_source(struct finding *finding, const struct child *child)
{
	if (child->source != NULL && child->source->children == 0)
		found(finding, "child %d is not counted for its address",
		    (int)child->pid);
}

static void
check_open(struct finding *finding, const struct child *child, int fd)
{
	if (fd >= 0 && fcntl(fd, F_GETFD) < 0)
		found(finding, "child %d: descriptor %d is closed",
		    (int)child->pid, fd);
}

/* Until it is reaped, its pid is nobody else's. */
static void
check_child(void *arg, const struct child *child)
{
	struct finding *finding = arg;

	finding->running = child->running;
	for (unsigned i = 0; i < PLACES; i++)
		finding->places[i] += (child->places >> i) & 1;
	check_source(finding, child);
	check_open(finding, child, child->handed);
	finding->connections += child->kind == CHILD_HOSTED;
	if (kill(child->pid, 0) != 0 && errno == ESRCH)
		found(finding, "child %d does not exist", (int)child->pid);
	if (child->listener != NULL && child->listener->server != child)
		found(finding, "child %d has the socket of another server",
		    (int)child->pid);
	finding->running = NULL;
}

static void
count_child(void *arg, const struct child *child)
{
	struct finding *finding = arg;

	finding->children += child->running == finding->running;
}

static void
check_listener(struct finding *finding, const struct listener *listener)
{
	int fd = listener->fd;

	if (listener->running != finding->running)
		found(finding, "a listener belongs to another service");
	if ((fd < 0) != ((listener->blocked & BLOCK_UNBOUND) != 0))
		found(finding,
		    "listener %d: descriptor and unbound flag disagree", fd);
	if (fd >= 0 && fcntl(fd, F_GETFD) < 0)
		found(finding, "listener %d is closed", fd);
	if ((listener->server != NULL) !=
	    ((listener->blocked & BLOCK_BUSY) != 0))
		found(finding, "listener %d: server and busy flag disagree",
		    fd);
}

static void
check_running(struct finding *finding, struct running *running)
{
	finding->running = running;
	finding->children = 0;
	if (running->children > 0)
		children_each(running->superd->children, count_child, finding);
	if (finding->children != running->children)
		found(finding, "%u children counted, %u found",
		    running->children, finding->children);
	if (!running->removed && running->service == NULL)
		found(finding, "no definition");
	if (running->service != NULL &&
	    !TAILQ_EMPTY(&running->superd->generations) &&
	    !generations_hold(&running->superd->generations, running->service,
		sizeof(*running->service)))
		found(finding, "its definition belongs to no generation");
	for (size_t i = 0; i < running->nlisteners; i++)
		check_listener(finding, running->listeners[i]);
	finding->running = NULL;
}

static void
check_connection(struct finding *finding, const struct internal *internal,
    const struct child *child)
{
	const struct children *children = internal->superd->children;

	if (child->hosted.internal != internal || child->pid != internal->pid)
		found(finding, "connection %u belongs to another process",
		    child->hosted.id);
	if (children_connection(children, child->hosted.id) != child)
		found(finding, "connection %u is not found", child->hosted.id);
}

static size_t
check_internal(struct finding *finding, const struct internal *internal)
{
	const struct child *child;
	size_t count = 0;

	for (child = TAILQ_FIRST(&internal->connections); child != NULL;
	     child = TAILQ_NEXT(child, hosted.mates)) {
		check_connection(finding, internal, child);
		count++;
	}
	if (count != internal->count)
		found(finding, "process %d: %zu connections counted, %zu found",
		    (int)internal->pid, internal->count, count);
	if (internal->channel >= 0 && fcntl(internal->channel, F_GETFD) < 0)
		found(finding, "process %d: its channel is closed",
		    (int)internal->pid);
	return count;
}

static void
check_internals(struct finding *finding, const struct superd *superd)
{
	const struct internal *internal;
	size_t count = 0;

	for (internal = internals_first(superd); internal != NULL;
	     internal = internals_next(internal))
		count += check_internal(finding, internal);
	if (count != finding->connections)
		found(finding,
		    "internal processes have %zu connections, %zu found", count,
		    finding->connections);
}

/* What pools, services and children say of the places that are taken. */
static void
check_places(struct finding *finding, struct superd *superd)
{
	for (unsigned place = 0; place < PLACES; place++) {
		const struct pool *pool = &superd->pools[place];
		unsigned used = 0, services = 0, idle = 0;

		for (struct running *running = running_first(superd);
		     running != NULL; running = running_next(running)) {
			bool needed = (running->needs >> place) & 1;

			used += running->places[place];
			services += needed;
			idle += needed && running->places[place] == 0;
		}
		if (used != pool->used || used != finding->places[place])
			found(finding,
			    "%s: %u taken, services have %u, children %u",
			    share_place_name(place), pool->used, used,
			    finding->places[place]);
		if (services != pool->services || idle != pool->idle)
			found(finding,
			    "%s: %u services, %u without any; found %u and "
			    "%u",
			    share_place_name(place), pool->services, pool->idle,
			    services, idle);
	}
}

static void
check_waiting(struct finding *finding, struct superd *superd)
{
	unsigned waiting = 0;

	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		/* but for those that an internal process has */
		waiting += lines_waiting(running) - running->told_waiting;
	if (waiting != lines_all(superd))
		found(finding, "%u connections waiting, %u found",
		    lines_all(superd), waiting);
}

size_t
selfcheck_run(struct superd *superd)
{
	struct finding finding = { 0 };
	size_t children = 0;

	children_each(superd->children, check_child, &finding);
	check_internals(&finding, superd);
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		check_running(&finding, running);
		children += running->children;
	}
	check_places(&finding, superd);
	check_waiting(&finding, superd);
	if (children != children_count(superd->children))
		found(&finding, "services have %zu children, %zu found",
		    children, children_count(superd->children));
	return finding.problems;
}

void
selfcheck_on_signal(void *arg)
{
	event_checked(selfcheck_run(arg));
}
