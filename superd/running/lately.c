/* A ring of refusals. */
#include "superd/running/lately.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "conf/xalloc.h"
#include "superd/base/loop.h"

enum { KEPT = 32 };

struct lately {
	struct refused_lately ring[KEPT];
	unsigned next, count;
};

struct lately *
lately_new(void)
{
	return xcalloc(1, sizeof(struct lately));
}

void
lately_free(struct lately *lately)
{
	free(lately);
}

void
lately_add(struct lately *lately, const char *id, enum refusal reason,
    const struct addr *peer)
{
	struct refused_lately *one;

	if (lately == NULL)
		return;
	one = &lately->ring[lately->next];
	lately->next = (lately->next + 1) % KEPT;
	if (lately->count < KEPT)
		lately->count++;
	one->at = loop_clock();
	strlcpy(one->id, id, sizeof(one->id));
	one->reason = reason;
	one->peer.len = 0;
	if (peer != NULL)
		one->peer = *peer;
}

unsigned
lately_count(const struct lately *lately)
{
	return lately != NULL ? lately->count : 0;
}

const struct refused_lately *
lately_get(const struct lately *lately, unsigned age)
{
	return &lately->ring[(lately->next + KEPT - 1 - age) % KEPT];
}
