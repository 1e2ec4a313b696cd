/* What few services need. */
#include "superd/running/running_more.h"

#include <stdlib.h>

#include "superd/running/records.h"

static const struct running_more none;

const struct running_more *
running_more_of(const struct running *running)
{
	return running->more != NULL ? running->more : &none;
}

struct running_more *
running_more_get(struct running *running)
{
	if (running->more == NULL)
		running->more = calloc(1, sizeof(*running->more));
	return running->more;
}
