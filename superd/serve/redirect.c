/* From a redirected service to the plan of its tunnels. */
#include "superd/serve/redirect.h"

#include <string.h>

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
