/*
 * The PROXY protocol: its attributes, what they mean together, and what they
 * do not go with.
 */
#include "conf/type.h"

#include <netinet/in.h>

#include <string.h>

#include "conf/access.h"
#include "conf/acl.h"
#include "conf/choice.h"
#include "conf/make_own.h"
#include "conf/service.h"
#include "conf/store.h"
#include "conf/units.h"

static const struct choice versions[] = { { "v1", 1 << 1, LACK_NONE },
	{ "v2", 1 << 2, LACK_NONE }, { NULL, 0, LACK_NONE } };

static const struct choice sent_versions[] = { { "v1", 1, LACK_NONE },
	{ "v2", 2, LACK_NONE }, { NULL, 0, LACK_NONE } };

static struct proxy_rules *
rules_of(struct build *build)
{
	if (build->service->proxy == NULL)
		build->service->proxy = xcalloc(1,
		    sizeof(*build->service->proxy));
	return build->service->proxy;
}

/* proxy_protocol */

static void
set_versions(struct build *build, void *target)
{
	(void)target;
	rules_of(build)->versions = choice_take_all(build, versions);
}

static void
print_versions(const struct output *out, const void *value)
{
	(void)value;
	if (out->service->proxy != NULL)
		choice_print_all(out, out->service->proxy->versions, versions);
}

const struct type type_proxy_protocol = SET(NULL, print_versions, set_versions);

/* proxy_from */

static void
set_from(struct build *build, void *target)
{
	(void)target;
	addresses_take(build, &rules_of(build)->from);
}

static void
print_from(const struct output *out, const void *value)
{
	const struct proxy_rules *proxy = out->service->proxy;

	(void)value;
	if (proxy != NULL && proxy->from != NULL)
		print_list(out, proxy->from);
}

const struct type type_proxy_from = SET(NULL, print_from, set_from);

/* proxy_timeout */

static void
set_timeout(struct build *build, void *target)
{
	unsigned seconds;

	(void)target;
	if (parse_duration(build->setting->values[0].text, &seconds) != 0 ||
	    seconds == 0)
		build_wants(build, 0, "a time such as 3s");
	else
		rules_of(build)->timeout = seconds;
}

static void
print_timeout(const struct output *out, const void *value)
{
	const struct proxy_rules *proxy = out->service->proxy;

	(void)value;
	if (proxy != NULL && proxy->timeout != 0 &&
	    proxy->timeout != PROXY_TIMEOUT)
		print_line(out, "%us", proxy->timeout);
}

const struct type type_proxy_timeout = SET(NULL, print_timeout, set_timeout);

/* redirect_proxy */

static void
set_sends(struct build *build, void *target)
{
	unsigned version;

	(void)target;
	if (choice_take(build, sent_versions, &version))
		rules_of(build)->sends = version;
}

static void
print_sends(const struct output *out, const void *value)
{
	const struct proxy_rules *proxy = out->service->proxy;

	(void)value;
	if (proxy != NULL && proxy->sends != 0)
		print_word(out, choice_name(sent_versions, proxy->sends));
}

const struct type type_redirect_proxy = SET(NULL, print_sends, set_sends);

const struct type type_proxy = KEPT(&store_proxy, NULL);

/* Together. */

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
