/* From an admitted client to the child that serves it. */
#include "superd/serve/start.h"

#include <errno.h>

#include "superd/policy/gate.h"
#include "superd/running/child.h"
#include "superd/running/records.h"
#include "superd/running/share.h"
#include "superd/running/way.h"
#include "superd/serve/asking.h"
#include "superd/serve/internal_record.h"
#include "superd/spawn/spawn.h"

static struct child *
start(const struct connection *client)
{
	const struct running *running = client->running;

	if (!children_prepare(running->superd->children)) {
		errno = ENOMEM;
		return NULL;
	}
	if (gate_needed(running, connection_peer(client)))
		return asking_start(client);
	return running->way->start(client);
}

/* What an internal process serves at once is its own to give back. */
static void
tally(const struct connection *client, struct child *child)
{
	const struct running *running = client->running;

	share_reserved(running, connection_counted(client), child);
	if (child != NULL && child->tallied && child->kind == CHILD_HOSTED &&
	    running->superd->inside == NULL)
		share_hand_over(child, child->hosted.internal->slot);
}

struct child *
running_start(struct connection *client)
{
	struct child *child;

	if (!share_reserve(client->running, connection_counted(client))) {
		errno = EBUSY;
		return NULL;
	}
	child = start(client);
	if (child != NULL && client->told)
		child_told(child, client);
	tally(client, child);
	if (child == NULL || client->lent)
		return child;
	if (child->handed != client->fd)
		spawn_close(child->running->superd->spawner, client->fd);
	client->fd = -1;
	return child;
}
