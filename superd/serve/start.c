/* From an admitted client to the child that serves it. */
#include "superd/serve/start.h"

#include <errno.h>

#include "superd/running/child.h"
#include "superd/running/records.h"
#include "superd/running/way.h"
#include "superd/serve/asking.h"
#include "superd/spawn/spawn.h"

struct child *
running_start(struct running *running, int fd, const struct addr *peer)
{
	if (!children_prepare(running->superd->children)) {
		errno = ENOMEM;
		return NULL;
	}
	if (asking_needed(running, peer))
		return asking_start(running, fd, peer);
	return running->way->start(running, fd, peer);
}

void
running_let_go(const struct child *child, int fd)
{
	if (child->handed != fd)
		spawn_close(child->running->superd->spawner, fd);
}
