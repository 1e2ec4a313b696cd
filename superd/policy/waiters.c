/* The queues of those who wait for superd as a whole. */
#include "superd/policy/waiters.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/descriptors.h"
#include "superd/policy/admit.h"
#include "superd/policy/pause.h"
#include "superd/running/blocked.h"
#include "superd/running/line.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"
#include "superd/running/waiting.h"
#include "superd/running/way.h"

/* Listeners. */

static bool
may_start(const struct superd *superd)
{
	return superd->waiters->shortage == NULL && !superd->stopping;
}

/* The first in the queue is tried at once: were it only watched again, a
 * client that has gone meanwhile would leave the free place unused. */
static void
serve_first(struct listener *listener)
{
	TAILQ_REMOVE(listener->held_in, listener, held);
	if (share_service(listener->running) != ADMITTED) {
		waiters_at_end(listener);
		return;
	}
	listener_unblock(listener, BLOCK_HELD);
	if (listener->blocked == 0)
		listener->running->way->ready(listener);
}

/* Each once, for as long as anybody can be served. */
static void
serve_held(struct superd *superd, unsigned place)
{
	struct listeners *held = &superd->waiters->held[place];
	struct listener *listener, *last = TAILQ_LAST(held, listeners);

	while (may_start(superd) &&
	    (place == PLACES || !share_is_full(superd, place)) &&
	    (listener = TAILQ_FIRST(held)) != NULL) {
		serve_first(listener);
		if (listener == last)
			return;
	}
}

/* Connections. */

int
waiters_add(struct connection *client)
{
	return line_put(NULL, client);
}

int
waiters_add_client(struct connection *client)
{
	struct superd *superd = client->running->superd;
	struct source_entry *source;
	struct prefix prefix;

	client_of(&client->peer, &superd->client_bits, &prefix);
	source = sources_get(superd->sources, client->running, &prefix);
	return source == NULL ? -1 : line_put(source, client);
}

static bool
may_resume(const struct line *line, const struct connection *client)
{
	struct running *running = line->running;

	return may_start(running->superd) &&
	    (!client->told || running_may_start(running, NULL)) &&
	    share_service(running) == ADMITTED && admit_instances(running) &&
	    (line->source == NULL ||
		share_client(running, &client->peer) == ADMITTED);
}

/* A reset came meanwhile: nobody is left to be served. */
static bool
has_gone(int fd)
{
	struct pollfd pfd = { .fd = fd };

	return poll(&pfd, 1, 0) == 1 &&
	    (pfd.revents & (POLLERR | POLLHUP)) != 0;
}

/* True: one fewer waits. */
static bool
serve_line(struct line *line)
{
	struct deferred *deferred = TAILQ_FIRST(&line->connections);
	struct connection *client = &deferred->client;

	if (!may_resume(line, client))
		return false;
	if (has_gone(client->fd))
		close_shared(client->fd);
	else if (!line->running->superd->waiters->waiter->serve(client))
		return false;
	line_take_out(line, deferred);
	return true;
}

/* In turn, one of each line, until none may go on. */
static void
serve_lines(struct superd *superd)
{
	struct waiters *waiters = superd->waiters;
	struct line *line, *last;
	bool served;

	do {
		served = false;
		last = TAILQ_LAST(&waiters->lines, held_lines);
		while ((line = TAILQ_FIRST(&waiters->lines)) != NULL) {
			TAILQ_REMOVE(&waiters->lines, line, entry);
			TAILQ_INSERT_TAIL(&waiters->lines, line, entry);
			served |= serve_line(line);
			if (line == last)
				break;
			line_free_if_empty(line);
		}
		if (line != NULL)
			line_free_if_empty(line);
	} while (served);
}

void
waiters_release(struct superd *superd)
{
	struct waiters *waiters = superd->waiters;

	waiters->shortage = NULL;
	loop_timer_stop(superd->loop, &waiters->shortage_timer);
	serve_lines(superd);
	for (unsigned place = 0; place <= PLACES; place++)
		serve_held(superd, place);
	if (superd->places_free != NULL && superd->inside == NULL)
		superd->places_free(superd);
}

static void
shortage_over(void *arg)
{
	waiters_release(arg);
}

struct waiters *
waiters_new(struct superd *superd, const struct waiter *waiter)
{
	struct waiters *waiters = xcalloc(1, sizeof(*waiters));

	waiters->waiter = waiter;
	for (unsigned i = 0; i <= PLACES; i++)
		TAILQ_INIT(&waiters->held[i]);
	TAILQ_INIT(&waiters->lines);
	loop_timer_init(&waiters->shortage_timer, shortage_over, superd);
	return waiters;
}

void
waiters_free(struct superd *superd)
{
	loop_timer_stop(superd->loop, &superd->waiters->shortage_timer);
	free(superd->waiters);
	superd->waiters = NULL;
}
