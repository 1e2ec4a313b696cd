/* From a redirected service to the plan of its tunnels. */
#include "superd/serve/redirect.h"

#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"
#include "services/tunnel.h"

enum { CONNECT_TIMEOUT = 20 /* seconds */ };

void
redirect_run(const void *arg, int channel, int poke)
{
	const struct service *service = arg;
	const struct redirect *redirect = &service->redirect;
	struct tunnel_target *targets = xcalloc(redirect->ntargets + 1,
	    sizeof(*targets));
	struct tunnel_plan plan = { .targets = targets,
		.ntargets = redirect->ntargets,
		.idle = redirect->idle,
		.connect = CONNECT_TIMEOUT,
		.keepalive = service->keepalive };
	struct addr numeric;

	if (redirect->ntargets > 0 &&
	    addr_parse_host(redirect->host, 0, &numeric) != 0) {
		plan.host = redirect->host;
		plan.port = addr_port(&redirect->targets[0]);
	}
	for (size_t i = 0; i < redirect->ntargets; i++) {
		const struct addr *addr = &redirect->targets[i];

		memcpy(&targets[i].addr, &addr->u, addr->len);
		targets[i].length = addr->len;
	}
	tunnels_run(&plan, channel, poke);
	free(targets);
}
