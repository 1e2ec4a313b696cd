/* From a connection that was given back to the start of a service. */
#include "superd/serve/returning.h"

#include <errno.h>

#include "conf/acl.h"
#include "conf/service.h"
#include "superd/base/descriptors.h"
#include "superd/running/child.h"
#include "superd/running/lingering.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/serve/accept.h"
#include "superd/serve/asking.h"
#include "superd/serve/returned.h"
#include "superd/serve/tcpmux_way.h"
#include "superd/serve/told.h"

/* In one round of the loop, and such rounds for one that has ended. */
enum { MOST = 16, LAST = 100 };

static void
let_go(struct child *child)
{
	if (child->handed >= 0)
		lingering_close(child->running->superd, child->handed);
	child->handed = -1;
	child_end(child, 0);
}

/* The listener may have become another service's meanwhile. */
static bool
is_of_mux(const struct running *running)
{
	return running->service != NULL && mux_is_one(running->service);
}

/* NULL: there is none any more. */
static struct running *
wanted(const struct internal *internal, uint32_t number)
{
	return internal->gone[number] ? NULL : internal->services[number];
}

static bool
choose(struct child *child, struct running *running)
{
	if (running != NULL && !running->superd->stopping &&
	    is_of_mux(child->running))
		return mux_choose(child, running);
	tcpmux_refuse(child->handed);
	return false;
}

/* It was told who that is: is it somebody else? */
static bool
is_another(const struct addr *told, const struct addr *peer)
{
	if (told->len == 0 || !addr_is_internet(told))
		return addr_is_internet(peer);
	return !addr_equal(told, peer);
}

/* Is it not who the process has said it is?  Of whom a proxy has introduced,
 * the proxy is at the other end. */
static bool
is_false(const struct child *child, const struct addr *peer)
{
	if (child->told)
		return !addr_is_internet(peer);
	return is_another(&child->peer, peer);
}

/* Where a client of a proxy has connected to.  False: it is another client. */
static bool
take_local(const struct proxy_told *told, struct connection *client)
{
	const struct addr peer = client->peer;

	if (told->client.family == 0)
		return true;
	if (!client->told || client->uncounted || !told_is_valid(told))
		return false;
	told_take(told, client);
	return addr_equal(&peer, &client->peer);
}

/* False: it is not what it should be. */
static bool
take(struct internal *internal, struct child *child,
    const struct returned *returned, const struct notices_to *to)
{
	struct running *running = wanted(internal, returned->wish.service);
	struct connection client = { .peer = child->peer,
		.told = child->told,
		.uncounted = child->uncounted };
	struct addr peer;

	if (!returned_peer(returned->fd, &peer) ||
	    (peer.len > 0 && is_false(child, &peer)) ||
	    !take_local(&returned->wish.told, &client))
		return false;
	to->ended(internal, child);
	child_told(child, &client);
	child_take_back(child, returned->fd);
	fd_nonblocking(returned->fd, 0);
	if (peer.len > 0 && choose(child, running))
		asking_chosen(child);
	else
		let_go(child);
	return true;
}

/* The kernel has dropped it: there are too many descriptors here. */
static void
lose(struct internal *internal, struct child *child,
    const struct notices_to *to)
{
	running_connection_failed(child, EMFILE);
	to->ended(internal, child);
	child_take_back(child, -1);
	let_go(child);
}

static void
drop(int fd)
{
	if (fd >= 0)
		close_shared(fd);
}

/* Of proxies. */

/* What was introduced to a service as it was may have none to be served by. */
static bool
is_served(const struct running *running)
{
	return running != NULL && !running->superd->stopping &&
	    !running->removed && running->closed == CLOSED_NOT &&
	    service_reads_proxy(running->service);
}

static void
serve_told(struct running *running, struct connection *client,
    const struct proxy_told *told)
{
	if (acl_decide(running->service->proxy->acl, &client->peer) !=
	    ACL_ALLOW) {
		running->counters.accepted++;
		running_refuse(running, &client->peer, REFUSED_PROXY);
		lingering_close(running->superd, client->fd);
		return;
	}
	told_take(told, client);
	fd_nonblocking(client->fd, 0);
	accept_told(client);
}

/* A client whom its proxy has introduced.  False: no honest process says
 * that. */
static bool
take_told(struct internal *internal, const struct returned *returned)
{
	struct running *running = wanted(internal, returned->wish.service);
	struct connection client = { .running = running, .fd = returned->fd };

	if (!internal->own[returned->wish.service] ||
	    !told_is_valid(&returned->wish.told))
		return false;
	if (returned->fd < 0) {
		if (is_served(running))
			running_refuse(running, NULL, REFUSED_SHORTAGE);
		return true;
	}
	if (!returned_peer(returned->fd, &client.peer) ||
	    (client.peer.len > 0 && !addr_is_internet(&client.peer)))
		return false;
	if (is_served(running) && client.peer.len > 0)
		serve_told(running, &client, &returned->wish.told);
	else
		close_shared(returned->fd);
	return true;
}

/* Without memory for its notice, it is nobody's. */
static bool
take_one(struct internal *internal, const struct returned *returned,
    const struct notices_to *to)
{
	struct child *child = children_connection(internal->superd->children,
	    returned->wish.id);

	if (returned->wish.service >= internal->nservices)
		return false;
	if (returned->wish.id == 0)
		return take_told(internal, returned);
	if (child != NULL && child->hosted.internal != internal)
		return false;
	if (child == NULL)
		drop(returned->fd);
	else if (returned->fd < 0)
		lose(internal, child, to);
	else
		return take(internal, child, returned, to);
	return true;
}

enum returned_result
returning_read(struct internal *internal, const struct notices_to *to)
{
	struct returned returned;

	for (int i = 0; i < MOST; i++) {
		enum returned_result result = returned_read(internal->channel,
		    &returned);

		if (result != RETURNED_ONE)
			return result;
		/* it has told who that is, and the notice waits to be read */
		if (notices_read(internal, to) &&
		    take_one(internal, &returned, to))
			continue;
		drop(returned.fd);
		return RETURNED_BROKEN;
	}
	return RETURNED_NONE;
}

void
returning_read_last(struct internal *internal, const struct notices_to *to)
{
	int rounds = LAST;

	if (internal->broken || internal->channel < 0)
		return;
	while (rounds-- > 0 && returning_read(internal, to) == RETURNED_NONE)
		continue;
}
