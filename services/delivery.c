/* From a file to a socket, as fast as that takes it. */
#include "services/delivery.h"

#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/sys/queue.h>

#include "services/host.h"
#include "services/http.h"

/* Octets at a time: others have their turn, too. */
enum { PIECE = 256 << 10, BLOCK = 4096 };

struct reader {
	TAILQ_ENTRY(reader) entry;
	struct deliveries *deliveries;
	int fd;
	int file; /* -1: not there yet */
	off_t at, end;
	struct http_request *request; /* that it is still to send, or NULL */
	unsigned watched;	      /* events of epoll(7) */
	bool known;		      /* to epoll, ever */
	bool head;		      /* it wants the header only */
	uint32_t id;
	long long since; /* host->now: it asks, waits, or has the file */
};

TAILQ_HEAD(readers, reader);

struct deliveries {
	struct host *host;
	struct deliveries_plan plan;
	/* The first of each is the next one to be late. */
	struct readers asking, waiting, taking;
	unsigned count;
};

struct deliveries *
deliveries_new(struct host *host, const struct deliveries_plan *plan)
{
	struct deliveries *deliveries = malloc(sizeof(*deliveries));

	if (deliveries == NULL)
		return NULL;
	deliveries->host = host;
	deliveries->plan = *plan;
	TAILQ_INIT(&deliveries->asking);
	TAILQ_INIT(&deliveries->waiting);
	TAILQ_INIT(&deliveries->taking);
	return deliveries;
}

static struct readers *
list_of(struct reader *reader)
{
	if (reader->request != NULL)
		return &reader->deliveries->asking;
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
	deliveries->count--;
	if (reader->known)
		host->unwatch(host, reader->fd);
	if (reader->file >= 0)
		close(reader->file);
	deliveries->plan.close(reader->fd);
	free(reader->request);
	free(reader);
	host->over(host, &ended);
}

static void take(struct reader *);
static void hear(struct reader *);

static void
ready(void *owner, unsigned events)
{
	struct reader *reader = owner;
	struct host *host = reader->deliveries->host;

	(void)events; /* whatever it is, the next piece meets it */
	host->wake(host);
	if (reader->request != NULL)
		hear(reader);
	else
		take(reader);
}

static int
watch(struct reader *reader, unsigned wanted)
{
	struct host *host = reader->deliveries->host;
	int result = 0;

	if (reader->watched != wanted)
		result = reader->known ?
		    host->rewatch(host, reader->fd, wanted) :
		    host->watch(host, reader->fd, wanted, ready, reader);
	if (result == 0)
		reader->watched = wanted;
	reader->known |= reader->watched != 0;
	return result;
}

/* What can be said at once. */
static void
refuse(struct reader *reader, unsigned status, bool head)
{
	char answer[HTTP_HEADER_MAX];
	size_t length = http_refusal(answer, status, head);

	send(reader->fd, answer, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(reader->fd, SHUT_WR);
	end(reader, 0);
}

/* Asking. */

static void
wait_for(struct reader *reader, unsigned text)
{
	struct deliveries *deliveries = reader->deliveries;

	TAILQ_REMOVE(list_of(reader), reader, entry);
	free(reader->request);
	reader->request = NULL;
	reader->since = deliveries->host->now;
	TAILQ_INSERT_TAIL(&deliveries->waiting, reader, entry);
	if (reader->watched != 0 && watch(reader, 0) != 0)
		end(reader, errno);
	else
		deliveries->plan.wanted(deliveries->plan.arg, reader->id, text);
}

static void
asked(struct reader *reader)
{
	const struct deliveries *deliveries = reader->deliveries;
	const struct http_request *request = reader->request;
	int text = -1;

	reader->head = request->head;
	if (request->status == 200)
		text = deliveries->plan.find(deliveries->plan.arg,
		    request->path);
	if (text >= 0)
		wait_for(reader, (unsigned)text);
	else
		refuse(reader, request->status == 200 ? 404 : request->status,
		    reader->head);
}

/* There are never more octets than make a request. */
static void
hear(struct reader *reader)
{
	char block[BLOCK];
	ssize_t n = 1;

	while (n > 0 && reader->request->status == 0) {
		n = recv(reader->fd, block, sizeof(block), MSG_DONTWAIT);
		if (n > 0)
			http_take(reader->request, block, (size_t)n);
	}
	if (reader->request->status != 0)
		asked(reader);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end(reader, 0);
	else if (watch(reader, EPOLLIN) != 0)
		end(reader, errno);
}

/* One that has gone is no failure. */
static void
take(struct reader *reader)
{
	off_t left = reader->end - reader->at;
	size_t piece = left < PIECE ? (size_t)left : PIECE;
	ssize_t n = sendfile(reader->fd, reader->file, &reader->at, piece);

	if (n == 0 || reader->at == reader->end ||
	    (n < 0 && errno != EAGAIN && errno != EINTR))
		end(reader, 0);
	else if (watch(reader, EPOLLOUT) != 0)
		end(reader, errno);
}

/* Room for one more. */
static void
displace(struct deliveries *deliveries)
{
	struct reader *reader = TAILQ_FIRST(&deliveries->asking);

	if (reader == NULL)
		reader = TAILQ_FIRST(&deliveries->taking);
	if (reader == NULL)
		reader = TAILQ_FIRST(&deliveries->waiting);
	if (reader != NULL && deliveries->count >= DELIVERY_CLIENTS)
		end(reader, 0);
}

/* NULL: no memory. */
static struct reader *
reader_new(const struct deliveries *deliveries)
{
	struct reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL || !deliveries->plan.http)
		return reader;
	reader->request = calloc(1, sizeof(*reader->request));
	if (reader->request != NULL)
		return reader;
	free(reader);
	return NULL;
}

void
deliveries_begin(void *arg, uint32_t id, int fd)
{
	struct deliveries *deliveries = arg;
	struct reader *reader = reader_new(deliveries);
	const struct connection_end lost = { .id = id, .error = ENOMEM };

	if (deliveries->plan.http)
		displace(deliveries);
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
	deliveries->count++;
	TAILQ_INSERT_TAIL(list_of(reader), reader, entry);
	if (deliveries->plan.http)
		hear(reader);
	else
		deliveries->plan.wanted(deliveries->plan.arg, id,
		    (unsigned)deliveries->plan.find(deliveries->plan.arg,
			NULL));
}

/* How much of a file is for this reader, at most. */
static off_t
end_of(const struct reader *reader, int file)
{
	char block[HTTP_HEADER_MAX];
	const char *content;
	ssize_t length;

	if (!reader->head)
		return INT64_MAX;
	length = pread(file, block, sizeof(block), 0);
	content = length > 0 ?
	    memmem(block, (size_t)length, "\r\n\r\n", 4) :
	    NULL;
	return content != NULL ? content + 4 - block : 0;
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
		if (deliveries->plan.http)
			refuse(reader, 503, reader->head);
		else
			end(reader, EAGAIN);
		return;
	}
	TAILQ_REMOVE(&deliveries->waiting, reader, entry);
	reader->file = file;
	reader->end = end_of(reader, file);
	reader->since = deliveries->host->now;
	TAILQ_INSERT_TAIL(&deliveries->taking, reader, entry);
	take(reader);
}

void
deliveries_cut(void *arg, uint32_t id)
{
	struct deliveries *deliveries = arg;
	struct reader *reader = find(&deliveries->asking, id);

	if (reader == NULL)
		reader = find(&deliveries->waiting, id);
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
		if (reader->request != NULL)
			refuse(reader, 408, false);
		else
			end(reader, error);
	}
	return -1;
}

/* -1: never. */
static int
sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int
deliveries_round(void *arg)
{
	struct deliveries *deliveries = arg;
	int a = end_late(deliveries, &deliveries->waiting, DELIVERY_WAIT,
	    ETIMEDOUT);
	int b = end_late(deliveries, &deliveries->taking, DELIVERY_SECONDS, 0);
	int c = end_late(deliveries, &deliveries->asking, DELIVERY_ASK, 0);

	return sooner(sooner(a, b), c);
}
