/* What few listeners need. */
#include "superd/running/listener_more.h"

#include <stdlib.h>

#include "conf/xalloc.h"
#include "superd/running/records.h"

static const struct listener_more none;

const struct listener_more *
more_of(const struct listener *listener)
{
	return listener->more != NULL ? listener->more : &none;
}

struct listener_more *
more_get(struct listener *listener)
{
	if (listener->more == NULL)
		listener->more = calloc(1, sizeof(*listener->more));
	return listener->more;
}

struct listener_more *
more_need(struct listener *listener)
{
	if (more_get(listener) == NULL)
		xalloc_fail();
	return listener->more;
}

void
more_free(struct listener *listener)
{
	if (listener->more == NULL)
		return;
	free(listener->more->backlog);
	free(listener->more);
	listener->more = NULL;
}
