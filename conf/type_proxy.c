/* The PROXY protocol: its attributes, one by one. */
#include "conf/type.h"

#include <string.h>

#include "conf/choice.h"
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
