/*
 * The PROXY protocol: what its attributes mean together, and what they do not
 * go with.
 */
#include "conf/make_own.h"

#include <netinet/in.h>

#include "conf/access.h"
#include "conf/acl.h"
#include "conf/service.h"

/* Whoever proxies are, they are known by their addresses. */
static void
compile_from(struct build *build)
{
	struct proxy_rules *proxy = build->service->proxy;
	struct access access = { .only_from_set = true,
		.only_from = proxy->from };

	if (access_compile(&access, place_of(build, OPTION_PROXY_FROM),
		build->loader->reports) != 0)
		service_fail(build->service, false);
	proxy->acl = access.acl;
	if (acl_has_names(proxy->acl))
		build_fail(build, false, place_of(build, OPTION_PROXY_FROM),
		    "proxy_from: expected addresses and networks, not names");
}

static const char *
why_not_proxied(const struct service *service)
{
	if (service->mux != MUX_NONE)
		return "a service behind tcpmux: expected it for the tcpmux "
		       "service itself";
	if (service->protocol != IPPROTO_TCP ||
	    service->socktype != SOCK_STREAM)
		return "this protocol: expected tcp";
	return service->wait ?
	    "wait = yes: the server accepts its connections "
	    "itself" :
	    NULL;
}

static void
check_reading(struct build *build)
{
	struct proxy_rules *proxy = build->service->proxy;
	const struct place *place = place_of(build, OPTION_PROXY_PROTOCOL);
	const char *why = why_not_proxied(build->service);

	if (proxy->timeout == 0)
		proxy->timeout = PROXY_TIMEOUT;
	if (!setting(build, OPTION_PROXY_FROM)->set)
		build_fail(build, false, place,
		    "proxy_protocol needs proxy_from: expected the addresses "
		    "of the proxies");
	else if (proxy->from != NULL)
		compile_from(build);
	if (why != NULL)
		build_fail(build, false, place,
		    "proxy_protocol does not go with %s", why);
}

static void
check_unread(struct build *build)
{
	static const enum option_id ids[] = { OPTION_PROXY_FROM,
		OPTION_PROXY_TIMEOUT };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (setting(build, ids[i])->set)
			build_fail(build, false, place_of(build, ids[i]),
			    "%s needs proxy_protocol", option_name(ids[i]));
}

void
make_proxy(struct build *build)
{
	const struct service *service = build->service;

	if (service->proxy == NULL)
		return;
	if (service->proxy->versions != 0)
		check_reading(build);
	else if (!build->bad)
		check_unread(build);
	if (service->proxy->sends != 0 && service->redirect.host == NULL)
		build_fail(build, false, place_of(build, OPTION_REDIRECT_PROXY),
		    "redirect_proxy needs redirect");
}
