/* Lines of connections: one for each client, or for a service. */
#include "superd/running/line.h"

#include <sys/resource.h>

#include <stdlib.h>
#include <unistd.h>

#include "superd/base/descriptors.h"
#include "superd/running/inside.h"
#include "superd/running/sources.h"
#include "superd/running/waiting.h"

/* Accepted connections that wait: in all, and of one client at a service; and
 * no more of superd's descriptors than this part. */
enum { WAITING = 512, WAITING_CLIENT = 128, PART = 4 };

static struct line **
line_of(struct running *running, struct source_entry *source)
{
	return source != NULL ? &source->line : &running->line;
}

static struct line *
line_new(struct running *running, struct source_entry *source)
{
	struct line *line = calloc(1, sizeof(*line));

	if (line == NULL)
		return NULL;
	line->running = running;
	line->source = source;
	TAILQ_INIT(&line->connections);
	TAILQ_INSERT_TAIL(&running->superd->waiters->lines, line, entry);
	if (source != NULL)
		sources_set_line(running->superd->sources, source, line);
	else
		running->line = line;
	return line;
}

void
line_free_if_empty(struct line *line)
{
	struct superd *superd = line->running->superd;

	if (line->count > 0)
		return;
	TAILQ_REMOVE(&superd->waiters->lines, line, entry);
	if (line->source != NULL)
		sources_set_line(superd->sources, line->source, NULL);
	else
		line->running->line = NULL;
	free(line);
}

/* From an internal process. */
static void
tell_waiting(struct running *running)
{
	if (running->superd->inside != NULL)
		inside_waiting(running, lines_waiting(running));
}

void
line_take_out(struct line *line, struct deferred *deferred)
{
	TAILQ_REMOVE(&line->connections, deferred, entry);
	line->count--;
	line->running->superd->waiters->connections--;
	tell_waiting(line->running);
	free(deferred);
}

static bool
has_room(const struct superd *superd, const struct line *line)
{
	struct rlimit limit;

	if (line->source != NULL && line->count >= WAITING_CLIENT)
		return false;
	return superd->waiters->connections < WAITING &&
	    getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    superd->waiters->connections < limit.rlim_cur / PART;
}

int
line_put(struct source_entry *source, struct connection *client)
{
	struct running *running = client->running;
	struct line *line = *line_of(running, source);
	struct deferred *deferred;

	if (line == NULL)
		line = line_new(running, source);
	if (line == NULL)
		return -1;
	deferred = has_room(running->superd, line) ?
	    calloc(1, sizeof(*deferred)) :
	    NULL;
	if (deferred == NULL) {
		line_free_if_empty(line);
		return -1;
	}
	/* the low descriptors are for what is started meanwhile */
	deferred->client = *client;
	deferred->client.fd = fd_high(client->fd);
	client->fd = -1;
	TAILQ_INSERT_TAIL(&line->connections, deferred, entry);
	line->count++;
	running->superd->waiters->connections++;
	tell_waiting(running);
	return 0;
}

static void
close_all(struct line *line)
{
	struct deferred *deferred;

	while ((deferred = TAILQ_FIRST(&line->connections)) != NULL) {
		close_shared(deferred->client.fd);
		line_take_out(line, deferred);
	}
	line_free_if_empty(line);
}

void
lines_drop(struct running *running)
{
	struct line *line, *next;

	for (line = TAILQ_FIRST(&running->superd->waiters->lines); line != NULL;
	     line = next) {
		next = TAILQ_NEXT(line, entry);
		if (line->running == running)
			close_all(line);
	}
}

unsigned
lines_waiting(const struct running *running)
{
	const struct line *line;
	unsigned count = running->told_waiting;

	TAILQ_FOREACH (line, &running->superd->waiters->lines, entry)
		if (line->running == running)
			count += line->count;
	return count;
}

unsigned
lines_all(const struct superd *superd)
{
	return superd->waiters->connections;
}
