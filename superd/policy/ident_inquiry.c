/* Users of refused clients: who asks, and what becomes of the answer. */
#include "superd/policy/ident_inquiry.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/descriptors.h"
#include "superd/running/asker.h"
#include "superd/running/blocked.h"
#include "superd/running/event.h"
#include "superd/running/lingering.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

/* A child that asks for a refused client. */
struct inquiry {
	char *id;	     /* of the service, which may go meanwhile */
	int fd;		     /* the connection */
	struct asker *asker; /* NULL: free */
	struct superd *superd;
};

struct inquiries {
	struct inquiry list[INQUIRIES_MAX];
	struct bucket starts;
	uint64_t left_out;
	struct limiter lines; /* about these */
};

/* A child for each client of a flood is what a flood wants. */
static const struct rate start_rate = { 64, 8 };

struct inquiries *
inquiries_new(void)
{
	return xcalloc(1, sizeof(struct inquiries));
}

bool
inquiries_run(const struct inquiries *inquiries)
{
	for (size_t i = 0; i < INQUIRIES_MAX; i++)
		if (inquiries->list[i].asker != NULL)
			return true;
	return false;
}

void
inquiries_free(struct inquiries *inquiries)
{
	if (inquiries == NULL)
		return;
	for (size_t i = 0; i < INQUIRIES_MAX; i++) {
		struct inquiry *inquiry = &inquiries->list[i];

		if (inquiry->asker == NULL)
			continue;
		asker_forget(inquiry->asker);
		close(inquiry->fd);
		free(inquiry->id);
	}
	free(inquiries);
}

uint64_t
inquiries_left_out(const struct inquiries *inquiries)
{
	return inquiries->left_out;
}

/* NULL: none. */
static struct inquiry *
find_free(struct superd *superd)
{
	struct inquiry *list = superd->inquiries->list;

	for (size_t i = 0; i < INQUIRIES_MAX; i++)
		if (list[i].asker == NULL)
			return &list[i];
	return NULL;
}

/* In the asker. */

static void
ask(const void *arg, struct verdict *verdict)
{
	const struct ident_ends *ends = arg;

	verdict->ident = (int32_t)ident_ask(ends, IDENT_PORT, IDENT_LOG_WAIT,
	    verdict->user, sizeof(verdict->user));
}

/* In superd. */

static void
leave_out(struct superd *superd)
{
	struct inquiries *inquiries = superd->inquiries;

	inquiries->left_out++;
	if (limiter_try(&inquiries->lines, &once_a_minute,
		loop_now(superd->loop)))
		event_users_left_out(inquiries->left_out);
}

/* A free place, if one may be used now. */
static struct inquiry *
take_place(struct superd *superd)
{
	struct inquiry *inquiry = find_free(superd);

	if (inquiry == NULL || waiters_lack(superd) != NULL ||
	    !bucket_try(&superd->inquiries->starts, &start_rate,
		loop_now(superd->loop)))
		return NULL;
	return inquiry;
}

static void
inquiry_ended(void *arg, int status)
{
	struct inquiry *inquiry = arg;
	const struct running *running = running_find(inquiry->superd,
	    inquiry->id);
	struct verdict verdict;

	(void)status;
	/* a service that was removed has no log any more */
	if (asker_end(inquiry->asker, &verdict) && verdict.ident == IDENT_OK &&
	    running != NULL && running->service != NULL)
		event_user(running, NULL, verdict.user, ident_why(IDENT_OK));
	lingering_close(inquiry->superd, inquiry->fd);
	free(inquiry->id);
	memset(inquiry, 0, sizeof(*inquiry));
}

/* The other host knows its connection only as long as it is open. */
static bool
begin(struct inquiry *inquiry, struct running *running, int fd)
{
	struct ident_ends ends;
	const struct question question = { .ask = ask,
		.arg = &ends,
		.fd = -1,
		.title = running->id };

	inquiry->fd = fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH);
	inquiry->id = strdup(running->id);
	if (inquiry->fd >= 0 && inquiry->id != NULL &&
	    ident_ends(fd, &ends) == 0)
		inquiry->asker = asker_start(running->superd, &question);
	if (inquiry->asker != NULL) {
		inquiry->superd = running->superd;
		asker_own(inquiry->asker, inquiry_ended, NULL, inquiry);
		return true;
	}
	if (inquiry->fd >= 0)
		close(inquiry->fd);
	free(inquiry->id);
	memset(inquiry, 0, sizeof(*inquiry));
	return false;
}

bool
inquiry_start(struct connection *client)
{
	struct running *running = client->running;
	const struct addr *peer = connection_peer(client);
	struct superd *superd = running->superd;
	struct inquiry *inquiry;

	if ((running->service->log_on_failure & LOGS_USERID) == 0 ||
	    peer == NULL || !addr_is_internet(peer) ||
	    !service_knows_user(running->service))
		return false;
	inquiry = take_place(superd);
	if (inquiry == NULL || !begin(inquiry, running, client->fd)) {
		leave_out(superd);
		return false;
	}
	close(client->fd);
	client->fd = -1;
	return true;
}
