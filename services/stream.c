/* Connections of one internal service in one process. */
#include "services/stream.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/sys/queue.h>

#include "services/services.h"
#include "services/worker.h"

/* For the handlers. */

static bool
is_wait(void)
{
	return errno == EAGAIN || errno == EINTR;
}

size_t
stream_take(struct stream *stream, char *block, int flags)
{
	ssize_t n = recv(stream->fd, block, STREAM_BLOCK, MSG_DONTWAIT | flags);

	if (n > 0) {
		stream->in += (uint64_t)n;
		return (size_t)n;
	}
	if (n == 0)
		stream->ended = true;
	else if (!is_wait())
		stream->over = true;
	return 0;
}

size_t
stream_put(struct stream *stream, const char *bytes, size_t length)
{
	ssize_t n = send(stream->fd, bytes, length,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0) {
		stream->over = !is_wait();
		return 0;
	}
	stream->out += (uint64_t)n;
	return (size_t)n;
}

void
stream_send(struct stream *stream, const char *bytes, size_t length)
{
	size_t sent = stream_put(stream, bytes, length);

	if (sent == length || stream->over)
		return;
	stream->rest = malloc(length - sent);
	if (stream->rest == NULL) {
		stream->over = true;
		return;
	}
	stream->at = 0;
	stream->held = length - sent;
	memcpy(stream->rest, bytes + sent, stream->held);
}

bool
stream_flush(struct stream *stream)
{
	size_t sent;

	if (stream->held == 0)
		return true;
	sent = stream_put(stream, stream->rest + stream->at, stream->held);
	stream->at += sent;
	stream->held -= sent;
	if (stream->held > 0)
		return false;
	stream_free(stream);
	return true;
}

void
stream_free(struct stream *stream)
{
	free(stream->rest);
	stream->rest = NULL;
	stream->held = 0;
}

/* The trade. */

struct client {
	struct stream stream;
	TAILQ_ENTRY(client) entry;
	unsigned watched;
	uint32_t id;
	long long touched; /* worker_now() */
};

TAILQ_HEAD(clients, client);

struct streams {
	const struct stream_plan *plan;
	struct clients clients; /* the first is idle for the longest time */
	char block[STREAM_BLOCK];
};

static void
end(struct worker *worker, struct streams *streams, struct client *client)
{
	struct stream *stream = &client->stream;
	struct worker_ended ended = { .id = client->id,
		.in = stream->in,
		.out = stream->out };

	TAILQ_REMOVE(&streams->clients, client, entry);
	if (client->watched != 0)
		worker_unwatch(worker, stream->fd);
	close(stream->fd);
	stream_free(stream);
	worker_over(worker, &ended);
	free(client);
}

static void
touch(struct worker *worker, struct streams *streams, struct client *client)
{
	client->touched = worker_now(worker);
	TAILQ_REMOVE(&streams->clients, client, entry);
	TAILQ_INSERT_TAIL(&streams->clients, client, entry);
}

static void
step(struct worker *worker, struct streams *streams, struct client *client)
{
	struct stream *stream = &client->stream;
	uint64_t before = stream->in + stream->out;
	int result = 0;

	streams->plan->handler->step(stream, streams->block);
	if (stream->in + stream->out != before)
		touch(worker, streams, client);
	if (!stream->over && stream->wanted != client->watched)
		result = client->watched == 0 ?
		    worker_watch(worker, stream->fd, stream->wanted, client) :
		    worker_rewatch(worker, stream->fd, stream->wanted, client);
	if (stream->over || result != 0)
		end(worker, streams, client);
	else
		client->watched = stream->wanted;
}

/* What the client has to say is often there already. */
static void
begin(struct worker *worker, void *arg, uint32_t id, int fd)
{
	struct streams *streams = arg;
	struct client *client = calloc(1, sizeof(*client));
	struct worker_ended lost = { .id = id, .error = ENOMEM };

	if (client == NULL) {
		close(fd);
		worker_over(worker, &lost);
		return;
	}
	client->id = id;
	client->stream.fd = fd;
	client->touched = worker_now(worker);
	TAILQ_INSERT_TAIL(&streams->clients, client, entry);
	step(worker, streams, client);
}

static void
ready(struct worker *worker, void *arg, void *owner, unsigned events)
{
	(void)events; /* whatever it is, the next step meets it */
	step(worker, arg, owner);
}

static int
end_idle(struct worker *worker, void *arg)
{
	struct streams *streams = arg;
	struct client *client;
	int left;

	while ((client = TAILQ_FIRST(&streams->clients)) != NULL) {
		left = worker_left(worker, client->touched,
		    streams->plan->idle);
		if (left != 0)
			return left;
		end(worker, streams, client);
	}
	return -1;
}

void
streams_run(const struct stream_plan *plan, int channel, int poke)
{
	static const struct trade trade = { .descriptors = 1,
		.begin = begin,
		.ready = ready,
		.round = end_idle };
	struct streams *streams = malloc(sizeof(*streams));

	if (streams == NULL)
		abort();
	streams->plan = plan;
	TAILQ_INIT(&streams->clients);
	worker_run(channel, poke, &trade, streams);
	free(streams);
}
