/* Records of the options that sockets were created with. */
#include "superd/base/binding.h"

#include <stdlib.h>
#include <string.h>

#include "conf/filter.h"
#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/sockopt.h"
#include "superd/base/sockopt_more.h"

static const struct particulars no_particulars;

static const struct particulars *
particulars_of(const struct binding *binding)
{
	return binding->particulars != NULL ?
	    binding->particulars :
	    &no_particulars;
}

static void
take_filter(struct particulars *particulars, const struct filter *filter)
{
	particulars->filter_count = filter->count;
	if (filter->count == 0)
		return;
	particulars->filter = xreallocarray(NULL, filter->count,
	    sizeof(*filter->code));
	memcpy(particulars->filter, filter->code,
	    filter->count * sizeof(*filter->code));
}

static void
take_options(struct particulars *particulars, const struct service *service)
{
	particulars->noptions = service->noptions;
	if (service->noptions == 0)
		return;
	particulars->options = xreallocarray(NULL, service->noptions,
	    sizeof(*service->options));
	memcpy(particulars->options, service->options,
	    service->noptions * sizeof(*service->options));
}

/* NULL: the service needs none. */
static struct particulars *
particulars_new(const struct service *service, unsigned scope)
{
	const struct buffers buffers = sockopt_buffers(service);
	struct particulars *particulars;
	struct filter filter;

	filter_of(service, &filter);
	if (filter.count == 0 && service->multicast == NULL &&
	    service->interface == NULL && scope == 0 && buffers.receive == 0 &&
	    buffers.send == 0 && service->noptions == 0)
		return NULL;
	particulars = xcalloc(1, sizeof(*particulars));
	take_filter(particulars, &filter);
	take_options(particulars, service);
	particulars->multicast = strings_copy(service->multicast);
	if (service->interface != NULL)
		particulars->interface = xstrdup(service->interface);
	particulars->rcvbuf = buffers.receive;
	particulars->sndbuf = buffers.send;
	if (scope != 0)
		if_indextoname(scope, particulars->scope);
	return particulars;
}

static void
particulars_free(struct particulars *particulars)
{
	if (particulars == NULL)
		return;
	strings_free(particulars->multicast);
	free(particulars->interface);
	free(particulars->filter);
	free(particulars->options);
	free(particulars);
}

void
binding_free(struct binding *binding)
{
	particulars_free(binding->particulars);
	memset(binding, 0, sizeof(*binding));
}

void
binding_take(struct binding *binding, const struct service *service,
    unsigned scope)
{
	binding_free(binding);
	binding->particulars = particulars_new(service, scope);
	binding->socktype = service->socktype;
	binding->protocol = service->protocol;
	binding->internal = service->internal != NULL;
	binding->backlog = service->backlog;
	binding->nodelay = service->nodelay;
	binding->keepalive = service->keepalive;
}

const char *
binding_scope(const struct binding *binding)
{
	return particulars_of(binding)->scope;
}

static bool
same_filter(const struct particulars *particulars,
    const struct service *service)
{
	struct filter wanted;

	filter_of(service, &wanted);
	return particulars->filter_count == wanted.count &&
	    (wanted.count == 0 ||
		memcmp(particulars->filter, wanted.code,
		    wanted.count * sizeof(*wanted.code)) == 0);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
binding_fits(const struct binding *binding, const struct service *service)
{
	const struct particulars *particulars = particulars_of(binding);
	const struct buffers buffers = sockopt_buffers(service);

	return binding->socktype == service->socktype &&
	    binding->protocol == service->protocol &&
	    binding->internal == (service->internal != NULL) &&
	    (buffers.receive != 0 || particulars->rcvbuf == 0) &&
	    (buffers.send != 0 || particulars->sndbuf == 0) &&
	    strings_equal(particulars->multicast, service->multicast) &&
	    same_text(particulars->interface, service->interface) &&
	    sockopt_more_fits(particulars->options, particulars->noptions,
		service) &&
	    same_filter(particulars, service);
}

static bool
same_options(const struct particulars *particulars,
    const struct service *service)
{
	return particulars->noptions == service->noptions &&
	    (service->noptions == 0 ||
		memcmp(particulars->options, service->options,
		    service->noptions * sizeof(*service->options)) == 0);
}

bool
binding_has_options(const struct binding *binding,
    const struct service *service)
{
	const struct particulars *particulars = particulars_of(binding);
	const struct buffers buffers = sockopt_buffers(service);

	return particulars->rcvbuf == buffers.receive &&
	    particulars->sndbuf == buffers.send &&
	    same_options(particulars, service) &&
	    binding->backlog == service->backlog &&
	    binding->nodelay == service->nodelay &&
	    binding->keepalive == service->keepalive;
}
