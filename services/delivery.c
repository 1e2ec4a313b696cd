/* From a file to a socket, as fast as that takes it. */
#include "services/delivery.h"

#include <sys/epoll.h>
#include <sys/sendfile.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <bsd/sys/queue.h>

#include "services/host.h"

/* Octets at a time: others have their turn, too. */
enum { PIECE = 256 << 10 };

struct reader {
	TAILQ_ENTRY(reader) entry;
	struct deliveries *deliveries;
	int fd;
	int file; /* -1: not there yet */
	off_t at;
	bool watched;
	uint32_t id;
	long long since; /* host->now: it waits, or has the file */
};

TAILQ_HEAD(readers, reader);

struct deliveries {
	struct host *host;
	struct deliveries_plan plan;
	/* The first of each is the next one to be late. */
	struct readers waiting, taking;
};

struct deliveries *
deliveries_new(struct host *host, const struct deliveries_plan *plan)
{
	struct deliveries *deliveries = malloc(sizeof(*deliveries));

	if (deliveries == NULL)
		return NULL;
	deliveries->host = host;
	deliveries->plan = *plan;
	TAILQ_INIT(&deliveries->waiting);
	TAILQ_INIT(&deliveries->taking);
	return deliveries;
}

static struct readers *
list_of(struct reader *reader)
{
	return reader->file < 0 ?
	    &reader->deliveries->waiting :
	    &reader->deliveries->taking;
}

static void
end(struct reader *reader, int error)
{
	struct deliveries *deliveries = reader->deliveries;
	struct host *host = deliveries->host;
	const struct connection_end ended = { .id = reader->id,
		.error = error,
		.out = (uint64_t)reader->at };

	TAILQ_REMOVE(list_of(reader), reader, entry);
	if (reader->watched)
		host->unwatch(host, reader->fd);
	if (reader->file >= 0)
		close(reader->file);
	deliveries->plan.close(reader->fd);
	free(reader);
	host->over(host, &ended);
}

static void take(struct reader *);

static void
ready(void *owner, unsigned events)
{
	struct reader *reader = owner;
	struct host *host = reader->deliveries->host;

	(void)events; /* whatever it is, the next piece meets it */
	host->wake(host);
	take(reader);
}

static int
watch(struct reader *reader)
{
	struct host *host = reader->deliveries->host;

	if (reader->watched)
		return 0;
	if (host->watch(host, reader->fd, EPOLLOUT, ready, reader) != 0)
		return -1;
	reader->watched = true;
	return 0;
}

/* One that has gone is no failure. */
static void
take(struct reader *reader)
{
	ssize_t n = sendfile(reader->fd, reader->file, &reader->at, PIECE);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		end(reader, 0);
	else if (watch(reader) != 0)
		end(reader, errno);
}

void
deliveries_begin(void *arg, uint32_t id, int fd)
{
	struct deliveries *deliveries = arg;
	struct reader *reader = calloc(1, sizeof(*reader));
	const struct connection_end lost = { .id = id, .error = ENOMEM };

	if (reader == NULL) {
		close(fd);
		deliveries->host->over(deliveries->host, &lost);
		return;
	}
	reader->deliveries = deliveries;
	reader->id = id;
	reader->fd = fd;
	reader->file = -1;
	reader->since = deliveries->host->now;
	TAILQ_INSERT_TAIL(&deliveries->waiting, reader, entry);
	deliveries->plan.wanted(deliveries->plan.arg, id);
}

static struct reader *
find(struct readers *list, uint32_t id)
{
	struct reader *reader;

	TAILQ_FOREACH (reader, list, entry)
		if (reader->id == id)
			return reader;
	return NULL;
}

void
deliveries_found(struct deliveries *deliveries, uint32_t id, int file)
{
	struct reader *reader = find(&deliveries->waiting, id);

	if (reader == NULL) {
		if (file >= 0)
			close(file);
		return;
	}
	if (file < 0) {
		end(reader, EAGAIN);
		return;
	}
	TAILQ_REMOVE(&deliveries->waiting, reader, entry);
	reader->file = file;
	reader->since = deliveries->host->now;
	TAILQ_INSERT_TAIL(&deliveries->taking, reader, entry);
	take(reader);
}

void
deliveries_cut(void *arg, uint32_t id)
{
	struct deliveries *deliveries = arg;
	struct reader *reader = find(&deliveries->waiting, id);

	if (reader == NULL)
		reader = find(&deliveries->taking, id);
	if (reader != NULL)
		end(reader, 0);
}

static int
end_late(struct deliveries *deliveries, struct readers *list, unsigned limit,
    int error)
{
	struct reader *reader;
	int left;

	while ((reader = TAILQ_FIRST(list)) != NULL) {
		left = host_left(deliveries->host, reader->since, limit);
		if (left != 0)
			return left;
		end(reader, error);
	}
	return -1;
}

int
deliveries_round(void *arg)
{
	struct deliveries *deliveries = arg;
	int a = end_late(deliveries, &deliveries->waiting, DELIVERY_WAIT,
	    ETIMEDOUT);
	int b = end_late(deliveries, &deliveries->taking, DELIVERY_SECONDS, 0);

	if (a < 0 || b < 0)
		return a < b ? b : a;
	return a < b ? a : b;
}
