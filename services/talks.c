/* From a connection to a choice, for many. */
#include "services/talks.h"

#include <sys/epoll.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bsd/sys/queue.h>

#include "services/host.h"

struct guest {
	TAILQ_ENTRY(guest) entry;
	struct talk talk;
	struct talks *talks;
	unsigned watched; /* events of epoll(7), or 0 */
	uint32_t id;
	long long since; /* host->now, of this part */
};

TAILQ_HEAD(guests, guest);

struct talks {
	struct host *host;
	struct talks_plan plan;
	struct guests guests; /* the first is the next one to be late */
};

struct talks *
talks_new(struct host *host, const struct talks_plan *plan)
{
	struct talks *talks = malloc(sizeof(*talks));

	if (talks == NULL)
		return NULL;
	talks->host = host;
	talks->plan = *plan;
	TAILQ_INIT(&talks->guests);
	return talks;
}

static void
forget(struct guest *guest)
{
	struct talks *talks = guest->talks;

	TAILQ_REMOVE(&talks->guests, guest, entry);
	if (guest->watched != 0)
		talks->host->unwatch(talks->host, guest->talk.fd);
	free(guest);
}

static void
end(struct guest *guest)
{
	struct talks *talks = guest->talks;
	const struct connection_end ended = { .id = guest->id,
		.in = guest->talk.in,
		.out = guest->talk.out };
	int fd = guest->talk.fd;

	forget(guest);
	talks->plan.close(fd);
	talks->host->over(talks->host, &ended);
}

static void
hand_over(struct guest *guest)
{
	struct talks *talks = guest->talks;
	int fd = guest->talk.fd;
	uint32_t id = guest->id, number = guest->talk.number;

	forget(guest);
	talks->plan.chosen(talks->plan.arg, id, fd, number);
}

static void step(struct guest *);

static void
ready(void *owner, unsigned events)
{
	struct guest *guest = owner;
	struct host *host = guest->talks->host;

	(void)events; /* whatever it is, the next step meets it */
	host->wake(host);
	step(guest);
}

static int
watch(struct guest *guest)
{
	struct host *host = guest->talks->host;
	unsigned wanted = guest->talk.state == TALK_LISTS ? EPOLLOUT : EPOLLIN;
	int result;

	if (wanted == guest->watched)
		return 0;
	if (guest->watched != 0)
		result = host->rewatch(host, guest->talk.fd, wanted);
	else
		result = host->watch(host, guest->talk.fd, wanted, ready,
		    guest);
	if (result == 0)
		guest->watched = wanted;
	return result;
}

static void
begin_part(struct guest *guest)
{
	struct talks *talks = guest->talks;

	guest->since = talks->host->now;
	TAILQ_REMOVE(&talks->guests, guest, entry);
	TAILQ_INSERT_TAIL(&talks->guests, guest, entry);
}

static void
step(struct guest *guest)
{
	enum talk_state before = guest->talk.state;

	tcpmux_step(&guest->talk, &guest->talks->plan.directory);
	if (guest->talk.state == TALK_FOUND)
		hand_over(guest);
	else if (guest->talk.state == TALK_OVER || watch(guest) != 0)
		end(guest);
	else if (guest->talk.state != before)
		begin_part(guest);
}

/* What the client has to say is often there already. */
void
talks_begin(void *arg, uint32_t id, int fd)
{
	struct talks *talks = arg;
	struct guest *guest = calloc(1, sizeof(*guest));
	const struct connection_end lost = { .id = id, .error = ENOMEM };

	if (guest == NULL) {
		close(fd);
		talks->host->over(talks->host, &lost);
		return;
	}
	guest->talks = talks;
	guest->id = id;
	guest->talk.fd = fd;
	guest->since = talks->host->now;
	TAILQ_INSERT_TAIL(&talks->guests, guest, entry);
	step(guest);
}

void
talks_cut(void *arg, uint32_t id)
{
	struct talks *talks = arg;
	struct guest *guest;

	TAILQ_FOREACH (guest, &talks->guests, entry)
		if (guest->id == id) {
			end(guest);
			return;
		}
}

int
talks_round(void *arg)
{
	struct talks *talks = arg;
	struct guest *guest;
	int left;

	while ((guest = TAILQ_FIRST(&talks->guests)) != NULL) {
		left = host_left(talks->host, guest->since, TALKS_SECONDS);
		if (left != 0)
			return left;
		tcpmux_late(&guest->talk);
		end(guest);
	}
	return -1;
}
