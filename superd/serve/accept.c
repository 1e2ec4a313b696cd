/* From a readable listener to a served or refused client. */
#include "superd/serve/accept.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "conf/service.h"
#include "services/services.h"
#include "superd/policy/admit.h"
#include "superd/policy/gate.h"
#include "superd/policy/ident_inquiry.h"
#include "superd/policy/pause.h"
#include "superd/policy/sensor.h"
#include "superd/policy/users.h"
#include "superd/policy/waiters.h"
#include "superd/running/banner.h"
#include "superd/running/blocked.h"
#include "superd/running/child.h"
#include "superd/running/inside.h"
#include "superd/running/lingering.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/renew.h"
#include "superd/serve/proxying.h"
#include "superd/serve/start.h"
#include "superd/serve/tcpmux_way.h"
#include "superd/spawn/identity.h"

/* What one listener may spend before the others have their turn: for a
 * connection that needs no process, and for one that does. */
enum { BUDGET = 16, COST_CHEAP = 1, COST_PROCESS = 4 };

/* The longest answer that is sent at once. */
enum { ANSWER_MAX = 512 };

static void
answer(struct connection *client)
{
	struct running *running = client->running;
	char bytes[ANSWER_MAX];
	size_t length = running->handler->answer(bytes, sizeof(bytes),
	    time(NULL));

	running->counters.answered++;
	inside_counted(running);
	/* a fresh socket's buffer takes this much at once; its end goes in
	 * the same segment */
	send(client->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
	shutdown(client->fd, SHUT_WR);
	bucket_take(&running->starts, &running->service->limits.rate,
	    loop_now(running->superd->loop));
	lingering_close(running->superd, client->fd);
}

/* Of those who were accepted before anybody knew whose they are, others may
 * have taken the places. */
static bool
may_start(const struct connection *client)
{
	return !client->told || running_may_start(client->running, NULL);
}

static int
start(struct connection *client)
{
	struct running *running = client->running;
	const struct child *child = NULL;

	errno = EBUSY;
	if (may_start(client))
		child = running_start(client);
	if (child != NULL)
		return child->kind == CHILD_HOSTED ? COST_CHEAP : COST_PROCESS;
	/* or another process has taken the last place meanwhile */
	if (errno != EBUSY)
		waiters_shortage(running->superd, "processes");
	if (waiters_add(client) != 0) {
		running_refuse(running, &client->peer, REFUSED_SHORTAGE);
		lingering_close(running->superd, client->fd);
	}
	return COST_PROCESS;
}

static int
refuse(struct connection *client, enum refusal refusal)
{
	struct running *running = client->running;

	if (running->service->sensor)
		sensor_hit(running, &client->peer);
	running_refuse(running, &client->peer, refusal);
	banner_send(running, BANNER_FAIL, client->fd);
	if (inquiry_start(client))
		return COST_PROCESS;
	lingering_close(running->superd, client->fd);
	return COST_CHEAP;
}

static enum refusal
admit(const struct connection *client)
{
	struct running *running = client->running;
	int64_t now = loop_now(running->superd->loop);

	if (users_matter(running->service) &&
	    !users_admit(running->service, client->fd))
		return REFUSED_ACCESS;
	return client->uncounted ?
	    admit_proxy(running, &client->peer, now) :
	    admit_peer(running, &client->peer, now);
}

static int
serve(struct connection *client)
{
	struct running *running = client->running;
	enum refusal refusal;
	bool asked;

	running->counters.accepted++;
	banner_send(running, BANNER_ALWAYS, client->fd);
	refusal = admit(client);
	if (refusal == REFUSED_SHARE &&
	    running->service->limits.excess == EXCESS_QUEUE &&
	    waiters_add_client(client) == 0) {
		pause_log(running, refusal);
		return COST_CHEAP;
	}
	if (refusal != ADMITTED)
		return refuse(client, refusal);
	asked = gate_needed(running, &client->peer);
	if (!asked)
		banner_send(running, BANNER_SUCCESS, client->fd);
	/* what has to be asked first, by others, is not answered here */
	if (asked || client->told || running->handler == NULL ||
	    running->place != PLACES || running->superd->inside == NULL)
		return start(client);
	answer(client);
	return COST_CHEAP;
}

void
accept_told(struct connection *client)
{
	serve(client);
}

/* What a proxy says is not the daemon's to read. */
static bool
is_elsewhere(const struct running *running)
{
	return service_reads_proxy(running->service) &&
	    running->superd->inside == NULL;
}

static int
take(struct connection *client)
{
	struct superd *superd = client->running->superd;

	if (!service_reads_proxy(client->running->service))
		return serve(client);
	proxying_begin(superd->proxying, client);
	return COST_CHEAP;
}

/* accept(2): errors of the network that belong to a connection already gone
 * are reported here and mean nothing. */
static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

static void
shortage(struct listener *listener, int error)
{
	struct superd *superd = listener->running->superd;
	bool descriptors = error == EMFILE || error == ENFILE;

	if (descriptors)
		lingering_end(superd);
	waiters_shortage(superd, descriptors ? "descriptors" : "memory");
	waiters_queue(listener);
}

/* Whatever address it has bound: it may choose that. */
static void
know_user(struct connection *client)
{
	uid_t uid;

	if (identity_user(client->fd, &uid) == 0)
		addr_of_user(uid, &client->peer);
}

/* False with errno: there is none. */
static bool
accept_client(const struct listener *listener, struct connection *client)
{
	struct addr *peer = &client->peer;
	socklen_t length = sizeof(peer->u);
	int flags = SOCK_CLOEXEC;

	if (listener->running->superd->inside != NULL)
		flags |= SOCK_NONBLOCK;
	memset(client, 0, sizeof(*client));
	client->running = listener->running;
	client->fd = accept4(listener->fd, &peer->u.sa, &length, flags);
	if (client->fd < 0)
		return false;
	peer->len = length;
	if (peer->u.sa.sa_family == AF_UNIX)
		know_user(client);
	addr_unmap(peer);
	return true;
}

/* What it cost; 0: there is none, or none may be had now. */
static int
accept_one(struct listener *listener, bool first)
{
	struct running *running = listener->running;
	struct connection client;

	if (is_elsewhere(running) || !running_may_start(running, listener))
		return 0;
	if (accept_client(listener, &client)) {
		listener_useful(listener);
		return take(&client);
	}
	if (is_shortage(errno))
		shortage(listener, errno);
	else if (first)
		listener_futile(listener);
	return 0;
}

void
accept_ready(struct listener *listener)
{
	int left = BUDGET, cost = 1;

	while (left > 0 && cost > 0 && listener->blocked == 0) {
		cost = accept_one(listener, left == BUDGET);
		left -= cost;
	}
}

/* Those who have waited. */

static bool
serve_waiting(struct connection *client)
{
	struct superd *superd = client->running->superd;

	if (running_start(client) != NULL)
		return true;
	if (errno != EBUSY)
		waiters_shortage(superd, "processes");
	return false;
}

const struct waiter accept_waiter = { serve_waiting };
