/*
 * Clients of datagram services: each has a socket of its own and one request
 * under way.  What has no answer within the patience is lost, and the client
 * goes on with a new request.  Requests are numbered, so that a late answer
 * is not taken for the next one's.
 */
#include "load.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS = 64, PATIENCE = 500000, LOOK = 20 };

struct client {
	int fd;
	uint32_t serial;
	int64_t start;
	bool waiting;
};

struct datagrams {
	const struct plan *plan;
	int epoll;
	struct client *clients;
	struct outcome outcome; /* timeout: lost */
	struct samples samples;
	char *request;
	int64_t end;
};

static void
ask(struct datagrams *datagrams, struct client *client)
{
	client->waiting = false;
	client->start = now_us();
	if (client->start >= datagrams->end)
		return;
	client->serial++;
	memcpy(datagrams->request, &client->serial, sizeof(client->serial));
	if (send(client->fd, datagrams->request, datagrams->plan->size,
		MSG_DONTWAIT) < 0)
		datagrams->outcome.error++;
	else
		client->waiting = true;
}

static void
hear(struct datagrams *datagrams, struct client *client)
{
	char bytes[65536];
	uint32_t serial;
	ssize_t n = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0) {
		if (errno == ECONNREFUSED)
			datagrams->outcome.refused++;
		return;
	}
	memcpy(&serial, bytes, sizeof(serial));
	if (!client->waiting || n < (ssize_t)sizeof(serial) ||
	    serial != client->serial)
		return;
	datagrams->outcome.done++;
	datagrams->outcome.bytes += (uint64_t)n;
	samples_add(&datagrams->samples, now_us() - client->start);
	ask(datagrams, client);
}

static bool
look_after(struct datagrams *datagrams, int64_t now)
{
	bool open = false;

	for (unsigned i = 0; i < datagrams->plan->clients; i++) {
		struct client *client = &datagrams->clients[i];

		if (client->waiting && now - client->start > PATIENCE) {
			datagrams->outcome.timeout++;
			ask(datagrams, client);
		} else if (!client->waiting)
			ask(datagrams, client);
		open = open || client->waiting;
	}
	return open;
}

static void
open_client(struct datagrams *datagrams, struct client *client, unsigned i)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	from.sin_addr.s_addr = htonl(0xc6336401u + i % 4);
	client->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 ||
	    bind(client->fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
	    connect(client->fd, (const struct sockaddr *)&datagrams->plan->to,
		sizeof(datagrams->plan->to)) != 0)
		abort();
	epoll_ctl(datagrams->epoll, EPOLL_CTL_ADD, client->fd, &event);
	ask(datagrams, client);
}

static void
turn(struct datagrams *datagrams)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(datagrams->epoll, events, EVENTS, LOOK);

	for (int i = 0; i < n; i++)
		hear(datagrams, events[i].data.ptr);
}

int
load_datagram(const struct plan *plan)
{
	struct datagrams datagrams = { .plan = plan };
	int64_t start = now_us(), looked = start;

	datagrams.epoll = epoll_create1(EPOLL_CLOEXEC);
	datagrams.clients = calloc(plan->clients, sizeof(struct client));
	datagrams.request = calloc(1, plan->size + sizeof(uint32_t));
	datagrams.end = start + (int64_t)(plan->seconds * 1e6);
	for (unsigned i = 0; i < plan->clients; i++)
		open_client(&datagrams, &datagrams.clients[i], i);
	for (;;) {
		int64_t now = now_us();

		if (now - looked > LOOK * 1000 || now >= datagrams.end) {
			if (!look_after(&datagrams, now) &&
			    now >= datagrams.end)
				break;
			looked = now;
		}
		turn(&datagrams);
	}
	outcome_print(&datagrams.outcome, now_us() - start);
	samples_print(&datagrams.samples);
	return 0;
}
