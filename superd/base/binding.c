/* What sockets were made with. */
#include "superd/base/binding.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "conf/filter.h"
#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/sockopt.h"

static void
take_filter(struct binding *binding, const struct service *service)
{
	struct filter filter;

	filter_of(service, &filter);
	binding->filter_count = filter.count;
	if (filter.count == 0)
		return;
	binding->filter = xreallocarray(NULL, filter.count,
	    sizeof(*filter.code));
	memcpy(binding->filter, filter.code,
	    filter.count * sizeof(*filter.code));
}

void
binding_free(struct binding *binding)
{
	strings_free(binding->multicast);
	free(binding->filter);
	memset(binding, 0, sizeof(*binding));
}

void
binding_take(struct binding *binding, const struct service *service,
    unsigned scope)
{
	const struct buffers buffers = sockopt_buffers(service);

	binding_free(binding);
	binding->multicast = strings_copy(service->multicast);
	take_filter(binding, service);
	binding->socktype = service->socktype;
	binding->protocol = service->protocol;
	binding->internal = service->internal != NULL;
	binding->rcvbuf = buffers.receive;
	binding->sndbuf = buffers.send;
	binding->backlog = service->backlog;
	binding->nodelay = service->nodelay;
	binding->keepalive = service->keepalive;
	if (service->interface != NULL)
		strlcpy(binding->interface, service->interface,
		    sizeof(binding->interface));
	if (scope != 0)
		if_indextoname(scope, binding->scope);
}

static bool
same_filter(const struct binding *binding, const struct service *service)
{
	struct filter wanted;

	filter_of(service, &wanted);
	return binding->filter_count == wanted.count &&
	    (wanted.count == 0 ||
		memcmp(binding->filter, wanted.code,
		    wanted.count * sizeof(*wanted.code)) == 0);
}

bool
binding_fits(const struct binding *binding, const struct service *service)
{
	const char *interface = service->interface != NULL ?
	    service->interface :
	    "";
	const struct buffers buffers = sockopt_buffers(service);

	return binding->socktype == service->socktype &&
	    binding->protocol == service->protocol &&
	    binding->internal == (service->internal != NULL) &&
	    (buffers.receive != 0 || binding->rcvbuf == 0) &&
	    (buffers.send != 0 || binding->sndbuf == 0) &&
	    strings_equal(binding->multicast, service->multicast) &&
	    strncmp(binding->interface, interface,
		sizeof(binding->interface) - 1) == 0 &&
	    same_filter(binding, service);
}

bool
binding_has_options(const struct binding *binding,
    const struct service *service)
{
	const struct buffers buffers = sockopt_buffers(service);

	return binding->rcvbuf == buffers.receive &&
	    binding->sndbuf == buffers.send &&
	    binding->backlog == service->backlog &&
	    binding->nodelay == service->nodelay &&
	    binding->keepalive == service->keepalive;
}
