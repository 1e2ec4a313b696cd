/*
 * A bare superd: the state of a daemon without processes, which serves one
 * service with one socket that is not bound.
 */
#ifndef TESTS_BARE_H
#define TESTS_BARE_H

#include <stdlib.h>

#include "superd/policy/waiters.h"
#include "superd/running/child.h"
#include "superd/running/running.h"
#include "superd/running/sources.h"
#include "superd/serve/internal.h"

enum { BARE_SOURCES = 10 };

/* All three are zero before.  Returns what runs, under the id "one". */
static inline struct running *
bare_start(struct superd *superd, const struct service *service,
    struct listener *listener)
{
	struct running *running;

	superd->loop = loop_new();
	superd->children = children_new();
	superd->sources = sources_new(BARE_SOURCES);
	superd->internals = internals_new(superd);
	RB_INIT(&superd->running_tree);
	superd->waiters = waiters_new(superd, NULL);
	TAILQ_INIT(&superd->generations);
	running = running_get(superd, "one");
	running->removed = false;
	running->service = service;
	running_add_listener(running, listener);
	return running;
}

/* When no child counts any more. */
static inline void
bare_end(struct superd *superd, struct running *running,
    struct listener *listener)
{
	running_take_listener(running, listener);
	free(listener->more);
	running_remove(running);
	waiters_free(superd);
	children_free(superd->children);
	sources_free(superd->sources);
	internals_free(superd->internals);
	loop_free(superd->loop);
}

#endif
