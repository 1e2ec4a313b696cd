/* Streams of one internal service in one process. */
#include "services/stream.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/sys/queue.h>

#include "services/host.h"
#include "services/services.h"

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

/* Clients. */

struct client {
	struct stream stream;
	TAILQ_ENTRY(client) entry;
	struct streams *streams;
	unsigned watched;
	uint32_t id;
	long long touched; /* host->now */
};

TAILQ_HEAD(clients, client);

struct streams {
	struct host *host;
	struct stream_plan plan;
	struct clients clients; /* the first is idle for the longest time */
};

/* What all of them use, one at a time. */
static char block[STREAM_BLOCK];

static void
end_for(struct client *client, int error)
{
	struct streams *streams = client->streams;
	struct host *host = streams->host;
	struct stream *stream = &client->stream;
	const struct connection_end ended = { .id = client->id,
		.error = error,
		.in = stream->in,
		.out = stream->out };

	TAILQ_REMOVE(&streams->clients, client, entry);
	if (client->watched != 0)
		host->unwatch(host, stream->fd);
	close(stream->fd);
	stream_free(stream);
	free(client);
	host->over(host, &ended);
}

static void
end(struct client *client)
{
	end_for(client, 0);
}

static void
touch(struct client *client)
{
	struct streams *streams = client->streams;

	client->touched = streams->host->now;
	TAILQ_REMOVE(&streams->clients, client, entry);
	TAILQ_INSERT_TAIL(&streams->clients, client, entry);
}

static void step(struct client *);

static void
ready(void *owner, unsigned events)
{
	struct client *client = owner;
	struct host *host = client->streams->host;

	(void)events; /* whatever it is, the next step meets it */
	host->wake(host);
	step(client);
}

static int
watch(struct client *client)
{
	struct host *host = client->streams->host;
	const struct stream *stream = &client->stream;

	if (stream->wanted == client->watched)
		return 0;
	if (client->watched != 0)
		return host->rewatch(host, stream->fd, stream->wanted);
	return host->watch(host, stream->fd, stream->wanted, ready, client);
}

static void
step(struct client *client)
{
	struct stream *stream = &client->stream;
	uint64_t before = stream->in + stream->out;

	client->streams->plan.handler->step(stream, block);
	if (stream->in + stream->out != before)
		touch(client);
	if (stream->over)
		end(client);
	else if (watch(client) != 0)
		end_for(client, errno);
	else
		client->watched = stream->wanted;
}

/* What the client has to say is often there already. */
void
streams_begin(void *arg, uint32_t id, int fd)
{
	struct streams *streams = arg;
	struct host *host = streams->host;
	struct client *client = calloc(1, sizeof(*client));
	const struct connection_end lost = { .id = id, .error = ENOMEM };

	if (client == NULL) {
		close(fd);
		host->over(host, &lost);
		return;
	}
	client->streams = streams;
	client->id = id;
	client->stream.fd = fd;
	client->touched = host->now;
	TAILQ_INSERT_TAIL(&streams->clients, client, entry);
	step(client);
}

void
streams_cut(void *arg, uint32_t id)
{
	struct streams *streams = arg;
	struct client *client;

	TAILQ_FOREACH (client, &streams->clients, entry)
		if (client->id == id) {
			end(client);
			return;
		}
}

int
streams_round(void *arg)
{
	struct streams *streams = arg;
	struct client *client;
	int left;

	while ((client = TAILQ_FIRST(&streams->clients)) != NULL) {
		left = host_left(streams->host, client->touched,
		    streams->plan.idle);
		if (left != 0)
			return left;
		end(client);
	}
	return -1;
}

struct streams *
streams_new(struct host *host, const struct stream_plan *plan)
{
	struct streams *streams = malloc(sizeof(*streams));

	if (streams == NULL)
		return NULL;
	streams->host = host;
	streams->plan = *plan;
	TAILQ_INIT(&streams->clients);
	return streams;
}
