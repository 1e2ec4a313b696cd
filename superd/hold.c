/* The queues of those who wait for superd as a whole. */
#include "superd/hold.h"

#include <sys/resource.h>

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "superd/admit.h"
#include "superd/blocked.h"
#include "superd/fds.h"
#include "superd/log.h"
#include "superd/share.h"
#include "superd/way.h"

/* Accepted connections that wait: in all, and of one client at a service; and
 * no more of superd's descriptors than this part. */
enum { WAITING = 512, WAITING_CLIENT = 128, PART = 4 };

/* A connection that was accepted and has to wait for its turn. */
struct deferred {
	TAILQ_ENTRY(deferred) entry;
	int fd;
	struct addr peer;
};

/* Connections to one service, of one client or of those for whom there was
 * no process. */
struct line {
	TAILQ_ENTRY(line) entry;
	struct live *live;
	struct source_entry *source; /* NULL: of several clients */
	TAILQ_HEAD(deferreds, deferred) connections;
	unsigned count;
};

/* Listeners. */

static bool
may_start(const struct superd *superd)
{
	return superd->shortage == NULL && !superd->stopping;
}

/* The first in the queue is tried at once: were it only watched again, a
 * client that has gone meanwhile would leave the free place unused. */
static void
serve_first(struct listener *listener)
{
	TAILQ_REMOVE(listener->held_in, listener, held);
	if (share_service(listener->live) != ADMITTED) {
		hold_at_end(listener);
		return;
	}
	listener_unblock(listener, BLOCK_HELD);
	if (listener->blocked == 0)
		listener->live->way->ready(listener);
}

static bool
is_full(const struct pool *pool)
{
	return pool->max != LIMIT_NONE && pool->used >= pool->max;
}

/* Each once, for as long as anybody can be served. */
static void
serve_held(struct superd *superd, unsigned place)
{
	struct listeners *held = &superd->held[place];
	struct listener *listener, *last = TAILQ_LAST(held, listeners);

	while (may_start(superd) &&
	    (place == PLACES || !is_full(&superd->pools[place])) &&
	    (listener = TAILQ_FIRST(held)) != NULL) {
		serve_first(listener);
		if (listener == last)
			return;
	}
}

/* Lines. */

static struct line **
line_of(struct live *live, struct source_entry *source)
{
	return source != NULL ? &source->line : &live->line;
}

static struct line *
line_new(struct live *live, struct source_entry *source)
{
	struct line *line = calloc(1, sizeof(*line));

	if (line == NULL)
		return NULL;
	line->live = live;
	line->source = source;
	TAILQ_INIT(&line->connections);
	TAILQ_INSERT_TAIL(&live->superd->lines, line, entry);
	if (source != NULL)
		sources_set_line(live->superd->sources, source, line);
	else
		live->line = line;
	return line;
}

static void
line_free_if_empty(struct line *line)
{
	struct superd *superd = line->live->superd;

	if (line->count > 0)
		return;
	TAILQ_REMOVE(&superd->lines, line, entry);
	if (line->source != NULL)
		sources_set_line(superd->sources, line->source, NULL);
	else
		line->live->line = NULL;
	free(line);
}

static void
take_out(struct line *line, struct deferred *deferred)
{
	TAILQ_REMOVE(&line->connections, deferred, entry);
	line->count--;
	line->live->superd->waiting--;
	free(deferred);
}

static bool
has_room(const struct superd *superd, const struct line *line)
{
	struct rlimit limit;

	if (line->source != NULL && line->count >= WAITING_CLIENT)
		return false;
	return superd->waiting < WAITING &&
	    getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    superd->waiting < limit.rlim_cur / PART;
}

static int
put_in(struct live *live, struct source_entry *source, int fd,
    const struct addr *peer)
{
	struct line *line = *line_of(live, source);
	struct deferred *deferred;

	if (line == NULL)
		line = line_new(live, source);
	if (line == NULL)
		return -1;
	deferred = has_room(live->superd, line) ?
	    calloc(1, sizeof(*deferred)) :
	    NULL;
	if (deferred == NULL) {
		line_free_if_empty(line);
		return -1;
	}
	/* the low descriptors are for what is started meanwhile */
	deferred->fd = fd_high(fd);
	deferred->peer = *peer;
	TAILQ_INSERT_TAIL(&line->connections, deferred, entry);
	line->count++;
	live->superd->waiting++;
	return 0;
}

int
hold_connection(struct live *live, int fd, const struct addr *peer)
{
	return put_in(live, NULL, fd, peer);
}

int
hold_client(struct live *live, int fd, const struct addr *peer)
{
	struct superd *superd = live->superd;
	struct source_entry *source;
	struct prefix client;

	client_of(peer, &superd->client_bits, &client);
	source = sources_get(superd->sources, live, &client);
	return source == NULL ? -1 : put_in(live, source, fd, peer);
}

static bool
may_resume(const struct line *line, const struct deferred *deferred)
{
	const struct live *live = line->live;

	return may_start(live->superd) && share_service(live) == ADMITTED &&
	    admit_instances(live) &&
	    (line->source == NULL ||
		share_client(live, &deferred->peer) == ADMITTED);
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
	struct superd *superd = line->live->superd;
	int fd = deferred->fd;

	if (!may_resume(line, deferred))
		return false;
	if (has_gone(fd)) {
		take_out(line, deferred);
		close(fd);
		return true;
	}
	if (!superd->waiter->serve(line->live, fd, &deferred->peer))
		return false;
	take_out(line, deferred);
	return true;
}

/* In turn, one of each line, until none may go on. */
static void
serve_lines(struct superd *superd)
{
	struct line *line, *last;
	bool served;

	do {
		served = false;
		last = TAILQ_LAST(&superd->lines, held_lines);
		while ((line = TAILQ_FIRST(&superd->lines)) != NULL) {
			TAILQ_REMOVE(&superd->lines, line, entry);
			TAILQ_INSERT_TAIL(&superd->lines, line, entry);
			served |= serve_line(line);
			if (line == last)
				break;
			line_free_if_empty(line);
		}
		if (line != NULL)
			line_free_if_empty(line);
	} while (served);
	superd->waiter->served(superd);
}

void
hold_release(struct superd *superd)
{
	superd->shortage = NULL;
	loop_timer_stop(superd->loop, &superd->shortage_timer);
	serve_lines(superd);
	for (unsigned place = 0; place <= PLACES; place++)
		serve_held(superd, place);
}

static void
shortage_over(void *arg)
{
	hold_release(arg);
}

void
hold_init(struct superd *superd)
{
	for (unsigned i = 0; i <= PLACES; i++)
		TAILQ_INIT(&superd->held[i]);
	TAILQ_INIT(&superd->lines);
	superd->shortage_timer.fn = shortage_over;
	superd->shortage_timer.arg = superd;
}

static void
close_all(struct line *line)
{
	struct deferred *deferred;

	while ((deferred = TAILQ_FIRST(&line->connections)) != NULL) {
		close(deferred->fd);
		take_out(line, deferred);
	}
	line_free_if_empty(line);
}

void
hold_drop(struct live *live)
{
	struct line *line, *next;

	for (line = TAILQ_FIRST(&live->superd->lines); line != NULL;
	     line = next) {
		next = TAILQ_NEXT(line, entry);
		if (line->live == live)
			close_all(line);
	}
}

unsigned
hold_waiting(const struct live *live)
{
	const struct line *line;
	unsigned count = 0;

	TAILQ_FOREACH (line, &live->superd->lines, entry)
		if (line->live == live)
			count += line->count;
	return count;
}
