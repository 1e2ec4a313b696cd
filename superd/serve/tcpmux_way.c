/* Who may be reached by which name, and what the client is told. */
#include "superd/serve/tcpmux_way.h"

#include <stdlib.h>
#include <string.h>

#include "superd/base/text.h"
#include "superd/log/log.h"
#include "superd/policy/admit.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/running_tree.h"

static const char *const mux_name = "tcpmux";

bool
mux_is_one(const struct service *service)
{
	return service->internal != NULL &&
	    strcmp(service->internal, mux_name) == 0;
}

/* In the internal process. */

struct offers {
	const struct running **list; /* those that have a name there */
	size_t count;
	struct text names;
};

static const char *
name_in_mux(const struct running *running)
{
	const char *name;

	if (running->removed || running->service->mux == MUX_NONE)
		return NULL;
	name = strchr(running->service->name, '/');
	if (name == NULL ||
	    strncasecmp(running->service->name, mux_name, strlen(mux_name)) !=
		0)
		return running->service->name;
	return name[1] == '+' ? name + 2 : name + 1;
}

static bool
find(void *arg, const char *name, uint32_t *number)
{
	const struct offers *offers = arg;

	for (size_t i = 0; i < offers->count; i++)
		if (strcasecmp(name_in_mux(offers->list[i]), name) == 0) {
			*number = offers->list[i]->number;
			return true;
		}
	return false;
}

static const char *
list(void *arg, size_t *length)
{
	const struct offers *offers = arg;

	*length = offers->names.length;
	return offers->names.bytes;
}

static size_t
count_offers(const struct superd *superd)
{
	struct running *running;
	size_t count = 0;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		count += name_in_mux(running) != NULL;
	return count;
}

/* -1: no memory. */
static int
collect(struct superd *superd, struct offers *offers)
{
	struct running *running;

	offers->list = calloc(count_offers(superd) + 1, sizeof(*offers->list));
	if (offers->list == NULL)
		return -1;
	for (running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		const char *name = name_in_mux(running);

		if (name == NULL)
			continue;
		offers->list[offers->count++] = running;
		text_add(&offers->names, "%s\r\n", name);
	}
	return offers->names.failed ? -1 : 0;
}

bool
mux_directory(struct superd *superd, struct tcpmux_directory *directory)
{
	struct offers *offers = calloc(1, sizeof(*offers));

	if (offers == NULL)
		return false;
	if (collect(superd, offers) != 0) {
		text_free(&offers->names);
		free(offers->list);
		free(offers);
		return false;
	}
	*directory = (struct tcpmux_directory){ find, list, offers };
	return true;
}

/* In superd. */

static bool
admit(struct child *child, struct running *running)
{
	int64_t now = loop_now(running->superd->loop), wait;
	enum refusal refusal = admit_service(running, now, &wait);

	if (refusal == ADMITTED)
		refusal = child->uncounted ?
		    admit_proxy(running, &child->peer, now) :
		    admit_peer(running, &child->peer, now);
	if (refusal == ADMITTED)
		return true;
	running_refuse(running, &child->peer, refusal);
	return false;
}

bool
mux_choose(struct child *child, struct running *running)
{
	if (running->removed || running->prepared == NULL ||
	    running->closed != CLOSED_NOT ||
	    running->service->mux == MUX_NONE || !admit(child, running)) {
		tcpmux_refuse(child->handed);
		return false;
	}
	running->counters.accepted++;
	child_move(child, running);
	bucket_take(&running->starts, &running->service->limits.rate,
	    loop_now(running->superd->loop));
	return true;
}

void
mux_greet(const struct running *running, int fd)
{
	/* it fits into the buffer of a socket that has sent so little */
	if (running->service->mux == MUX_PLUS)
		tcpmux_accept(fd);
}

void
mux_refuse(const struct running *running, int fd)
{
	if (running->service->mux != MUX_NONE)
		tcpmux_refuse(fd);
}
