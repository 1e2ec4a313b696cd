/*
 * Clients of stream services: a connection for each request.  "connect" reads
 * to the end; "exchange" sends its bytes, waits for as many, and closes;
 * "proxied" sends a header of the PROXY protocol, and reads to the end.  No
 * client waits for ever: what has no answer after five seconds is counted.
 */
#include "load.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS = 64, PATIENCE = 5000000, LOOK = 100 };

struct client {
	int fd; /* -1: none */
	unsigned number;
	int64_t start;
	size_t got;
	bool sent;
};

struct stream {
	const struct plan *plan;
	const char *request; /* NULL: none */
	size_t length;
	bool exchange; /* ... until as much has come back */
	int epoll;
	struct client *clients;
	struct outcome outcome;
	struct samples samples;
	int64_t end;
};

static void
count_error(struct stream *stream, int error)
{
	if (error == ECONNREFUSED)
		stream->outcome.refused++;
	else if (error == ECONNRESET || error == EPIPE)
		stream->outcome.reset++;
	else
		stream->outcome.error++;
}

static void
client_begin(struct stream *stream, struct client *client)
{
	struct epoll_event event = { .data.ptr = client };

	client->got = 0;
	client->sent = false;
	client->start = now_us();
	client->fd = -1;
	if (client->start >= stream->end)
		return;
	client->fd = connect_from(client->number++, &stream->plan->to);
	if (client->fd < 0) {
		count_error(stream, errno);
		return;
	}
	event.events = stream->request != NULL ? EPOLLOUT : EPOLLIN;
	epoll_ctl(stream->epoll, EPOLL_CTL_ADD, client->fd, &event);
}

static void
client_end(struct stream *stream, struct client *client, int error)
{
	if (error != 0)
		count_error(stream, error);
	else if (client->got == 0)
		stream->outcome.empty++;
	else {
		stream->outcome.done++;
		samples_add(&stream->samples, now_us() - client->start);
	}
	close(client->fd);
	client_begin(stream, client);
}

static void
client_send(struct stream *stream, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (error == 0 &&
	    send(client->fd, stream->request, stream->length, MSG_NOSIGNAL) !=
		(ssize_t)stream->length)
		error = errno;
	if (error != 0) {
		client_end(stream, client, error);
		return;
	}
	client->sent = true;
	epoll_ctl(stream->epoll, EPOLL_CTL_MOD, client->fd, &event);
}

static void
client_read(struct stream *stream, struct client *client)
{
	char bytes[4096];
	ssize_t n = read(client->fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		client_end(stream, client, errno);
		return;
	}
	client->got += (size_t)n;
	stream->outcome.bytes += (size_t)n;
	if (stream->exchange && n == 0)
		client_end(stream, client, ECONNRESET);
	else if (n == 0 || (stream->exchange && client->got >= stream->length))
		client_end(stream, client, 0);
}

/* Clients without a connection, and those that have waited too long. */
static bool
look_after(struct stream *stream, int64_t now)
{
	bool open = false;

	for (unsigned i = 0; i < stream->plan->clients; i++) {
		struct client *client = &stream->clients[i];

		if (client->fd >= 0 && now - client->start > PATIENCE) {
			stream->outcome.timeout++;
			close(client->fd);
			client_begin(stream, client);
		} else if (client->fd < 0)
			client_begin(stream, client);
		open = open || client->fd >= 0;
	}
	return open;
}

static void
turn(struct stream *stream)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(stream->epoll, events, EVENTS, LOOK);

	for (int i = 0; i < n; i++) {
		struct client *client = events[i].data.ptr;

		if (stream->request != NULL && !client->sent)
			client_send(stream, client);
		else
			client_read(stream, client);
	}
}

static int
run(const struct plan *plan, const char *request, size_t length, bool exchange)
{
	struct stream stream = { .plan = plan,
		.request = request,
		.length = length,
		.exchange = exchange };
	int64_t start = now_us(), looked = start;

	stream.epoll = epoll_create1(EPOLL_CLOEXEC);
	stream.clients = calloc(plan->clients, sizeof(*stream.clients));
	stream.end = start + (int64_t)(plan->seconds * 1e6);
	for (unsigned i = 0; i < plan->clients; i++) {
		stream.clients[i].number = i;
		client_begin(&stream, &stream.clients[i]);
	}
	for (;;) {
		int64_t now = now_us();

		if (now - looked > LOOK * 1000 || now >= stream.end) {
			if (!look_after(&stream, now) && now >= stream.end)
				break;
			looked = now;
		}
		turn(&stream);
	}
	outcome_print(&stream.outcome, now_us() - start);
	samples_print(&stream.samples);
	return 0;
}

int
load_connect(const struct plan *plan)
{
	return run(plan, NULL, 0, false);
}

int
load_exchange(const struct plan *plan)
{
	char *request = malloc(plan->size + 1);

	memset(request, 'x', plan->size);
	return run(plan, request, plan->size, true);
}

int
load_proxied(const struct plan *plan)
{
	static const char line[] =
	    "PROXY TCP4 192.0.2.1 192.0.2.2 40000 80\r\n";

	return run(plan, line, sizeof(line) - 1, false);
}
