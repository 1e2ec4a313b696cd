/* Who may be reached by which name, and what the client is told. */
#include "superd/serve/tcpmux_way.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "services/tcpmux.h"
#include "superd/log/log.h"
#include "superd/policy/admit.h"
#include "superd/running/records.h"
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
	struct running *running;
	const char *known;

	if (superd_is_gone())
		return false;
	for (running = running_first(search->superd); running != NULL;
	     running = running_next(running)) {
		known = name_in_mux(running);
		if (known != NULL && strcasecmp(known, name) == 0)
			return strlcpy(search->verdict->id, running->id,
				   ASKER_ID_MAX) < ASKER_ID_MAX;
	}
	return false;
}

static const char *
nth_name(void *arg, size_t i)
{
	struct search *search = arg;
	struct running *running;
	const char *name;

	for (running = running_first(search->superd); running != NULL;
	     running = running_next(running)) {
		name = name_in_mux(running);
		if (name != NULL && i-- == 0)
			return name;
	}
	return NULL;
}

static void
talk(const void *arg, struct verdict *verdict)
{
	const struct running *running = arg;
	struct search search = { running->superd, verdict };
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
mux_question(struct running *running, int fd, struct question *question)
{
	*question = (struct question){ .ask = talk,
		.unheard = refuse_found,
		.arg = running,
		.fd = fd,
		.talks = true,
		.title = mux_name };
}

static bool
admit(struct child *child, struct running *running)
{
	struct superd *superd = child->running->superd;
	int64_t now = loop_now(superd->loop), wait;
	enum refusal refusal;

	refusal = admit_service(running, now, &wait);
	/* its process is there already */
	if (refusal == REFUSED_SHORTAGE)
		refusal = ADMITTED;
	if (refusal == ADMITTED)
		refusal = admit_peer(running, &child->peer, now);
	if (refusal == ADMITTED)
		return true;
	running_refuse(running, &child->peer, refusal);
	return false;
}

bool
mux_choose(struct child *child, const char *id)
{
	struct running *mux = child->running,
		       *running = running_find(mux->superd, id);

	if (id[0] == '\0')
		return false; /* the asker has answered */
	if (running == NULL || running->removed || running->prepared == NULL ||
	    running->service->mux == MUX_NONE || !admit(child, running)) {
		tcpmux_refuse(child->handed, 0);
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
		tcpmux_accept(fd, 0);
}

void
mux_refuse(const struct running *running, int fd)
{
	if (running->service->mux != MUX_NONE)
		tcpmux_refuse(fd, 0);
}
