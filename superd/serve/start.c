/* From an admitted client to the child that serves it. */
#include "superd/serve/start.h"

#include <errno.h>

#include "superd/running/child.h"
#include "superd/running/way.h"
#include "superd/serve/asking.h"
#include "superd/spawn/spawn.h"

struct child *
live_start(struct live *live, int fd, const struct addr *peer)
{
	if (!children_prepare(live->superd->children)) {
		errno = ENOMEM;
		return NULL;
	}
	if (asking_needed(live, peer))
		return asking_start(live, fd, peer);
	return live->way->start(live, fd, peer);
}

void
live_let_go(const struct child *child, int fd)
{
	if (child->handed != fd)
		spawn_close(child->live->superd->spawner, fd);
}
