/* From a redirected service to the plan of its tunnels. */
#include "superd/serve/redirect.h"

#include <string.h>

#include "superd/serve/told.h"

enum { CONNECT_TIMEOUT = 20 /* seconds */ };

void
redirect_targets(const struct addr *addrs, size_t count,
    struct tunnel_target *targets)
{
	for (size_t i = 0; i < count; i++) {
		memset(&targets[i], 0, sizeof(targets[i]));
		memcpy(&targets[i].addr, &addrs[i].u, addrs[i].len);
		targets[i].length = addrs[i].len;
	}
}

void
redirect_plan(const struct service *service, struct tunnel_plan *plan)
{
	const struct redirect *redirect = &service->redirect;
	struct addr numeric;

	memset(plan, 0, sizeof(*plan));
	plan->ntargets = redirect->ntargets < TUNNEL_TARGETS ?
	    redirect->ntargets :
	    TUNNEL_TARGETS;
	plan->named = redirect->ntargets > 0 &&
	    addr_parse_host(redirect->host, 0, &numeric) != 0;
	plan->idle = redirect->idle;
	plan->connect = CONNECT_TIMEOUT;
	plan->keepalive = service->keepalive;
	redirect_targets(redirect->targets, plan->ntargets, plan->targets);
}

bool
redirect_introduces(const struct service *service)
{
	return service->proxy != NULL && service->proxy->sends != 0;
}

/* Where the client has connected to: what its proxy says counts. */
static void
find_local(const struct child *child, int fd, struct addr *local)
{
	memset(local, 0, sizeof(*local));
	if (child->told && child->local != NULL) {
		*local = *child->local;
		return;
	}
	local->len = sizeof(local->u);
	if (getsockname(fd, &local->u.sa, &local->len) != 0)
		local->len = 0;
	addr_unmap(local);
}

/* What was a proxy's own is ours for the target: it is no client's. */
size_t
redirect_introduce(const struct child *child, const struct service *service,
    int fd, uint8_t *buf)
{
	struct proxy_told told = { .client = { .family = 0 } };
	struct addr local;

	find_local(child, fd, &local);
	if (child_counted(child) != NULL)
		told_of(&child->peer, &local, &told);
	return proxy_write(service->proxy->sends, &told, buf);
}
