/* Who may be reached by which name, and what the client is told. */
#include "superd/serve/tcpmux_way.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "services/tcpmux.h"
#include "superd/log/log.h"
#include "superd/policy/admit.h"
#include "superd/running/refusal.h"
#include "superd/running/running_tree.h"
#include "superd/spawn/spawn.h"

static const char *const mux_name = "tcpmux";

bool
mux_is_one(const struct service *service)
{
	return service->internal != NULL &&
	    strcmp(service->internal, mux_name) == 0;
}

/* In the asker. */

/* What it looks for, and finds. */
struct search {
	struct superd *superd;
	struct verdict *verdict;
};

static const char *
name_in_mux(const struct live *live)
{
	const char *name;

	if (live->removed || live->service->mux == MUX_NONE)
		return NULL;
	name = strchr(live->service->name, '/');
	if (name == NULL ||
	    strncasecmp(live->service->name, mux_name, strlen(mux_name)) != 0)
		return live->service->name;
	return name[1] == '+' ? name + 2 : name + 1;
}

/* Nobody would start what is found: superd has closed its end of the pipe
 * that the verdict is for. */
static bool
superd_is_gone(void)
{
	struct pollfd pfd = { .fd = SPAWN_BESIDE };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLERR) != 0;
}

static bool
find_service(void *arg, const char *name)
{
	struct search *search = arg;
	struct live *live;
	const char *known;

	if (superd_is_gone())
		return false;
	for (live = live_first(search->superd); live != NULL;
	     live = live_next(live)) {
		known = name_in_mux(live);
		if (known != NULL && strcasecmp(known, name) == 0)
			return strlcpy(search->verdict->id, live->id,
				   ASKER_ID_MAX) < ASKER_ID_MAX;
	}
	return false;
}

static const char *
nth_name(void *arg, size_t i)
{
	struct search *search = arg;
	struct live *live;
	const char *name;

	for (live = live_first(search->superd); live != NULL;
	     live = live_next(live)) {
		name = name_in_mux(live);
		if (name != NULL && i-- == 0)
			return name;
	}
	return NULL;
}

static void
talk(const void *arg, struct verdict *verdict)
{
	const struct live *live = arg;
	struct search search = { live->superd, verdict };
	struct tcpmux_directory directory = { find_service, nth_name, &search };

	if (tcpmux_talk(STDIN_FILENO, &directory, TCPMUX_TIMEOUT) != 0)
		verdict->id[0] = '\0';
}

/* Nobody is left who could start a service. */
static void
refuse_found(const struct verdict *verdict)
{
	if (verdict->id[0] != '\0')
		tcpmux_refuse(STDIN_FILENO, TCPMUX_TIMEOUT);
}

/* In superd. */

void
mux_question(struct live *live, int fd, struct question *question)
{
	*question = (struct question){ .ask = talk,
		.unheard = refuse_found,
		.arg = live,
		.fd = fd,
		.talks = true,
		.title = mux_name };
}

static bool
admit(struct child *child, struct live *live)
{
	struct superd *superd = child->live->superd;
	int64_t now = loop_now(superd->loop), wait;
	enum refusal refusal;

	refusal = admit_service(live, now, &wait);
	/* its process is there already */
	if (refusal == REFUSED_SHORTAGE)
		refusal = ADMITTED;
	if (refusal == ADMITTED)
		refusal = admit_peer(live, &child->peer, now);
	if (refusal == ADMITTED)
		return true;
	live_refuse(live, &child->peer, refusal);
	return false;
}

bool
mux_choose(struct child *child, const char *id)
{
	struct live *mux = child->live, *live = live_find(mux->superd, id);

	if (id[0] == '\0')
		return false; /* the asker has answered */
	if (live == NULL || live->removed || live->image == NULL ||
	    live->service->mux == MUX_NONE || !admit(child, live)) {
		tcpmux_refuse(child->handed, 0);
		return false;
	}
	live->counters.accepted++;
	child_move(child, live);
	bucket_take(&live->starts, &live->service->limits.rate,
	    loop_now(live->superd->loop));
	return true;
}

void
mux_greet(const struct live *live, int fd)
{
	/* it fits into the buffer of a socket that has sent so little */
	if (live->service->mux == MUX_PLUS)
		tcpmux_accept(fd, 0);
}

void
mux_refuse(const struct live *live, int fd)
{
	if (live->service->mux != MUX_NONE)
		tcpmux_refuse(fd, 0);
}
