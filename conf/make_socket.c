/*
 * What the options of one section mean together: protocol and family, and
 * where it listens.  Names are resolved by resolve.c.
 */
#include "conf/make_own.h"

#include <netinet/in.h>

#include <string.h>

#include "conf/choice.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/units.h"

/* Protocol, socket type, family. */

static bool
wants_path(const struct build *build)
{
	const char *listen = value(build, OPTION_LISTEN);

	return is_path(listen != NULL ? listen : build->service->name);
}

/* The id may tell: "tftp/udp". */
static const char *
guess_protocol(const struct build *build)
{
	const char *type = value(build, OPTION_SOCKET_TYPE);
	const char *slash = strrchr(build->service->id, '/');
	const char *known = slash != NULL ?
	    resolve_known_protocol(slash + 1) :
	    NULL;

	if (wants_path(build))
		return "unix";
	if (known != NULL)
		return known;
	return type != NULL && strcmp(type, "dgram") == 0 ? "udp" : "tcp";
}

/* *base: "tcp" for "tcp6" and "rpc/tcp6", as /etc/services knows it. */
static void
complete_protocol(struct build *build, const char **base)
{
	static const char rpc[] = "rpc/";
	struct service *service = build->service;
	const char *text = value(build, OPTION_PROTOCOL);
	const char *given = text != NULL ? text : guess_protocol(build);
	const char *plain = given;
	struct hint hint;

	set_text(&service->proto, given);
	if (strncmp(plain, rpc, sizeof(rpc) - 1) == 0) {
		build->type |= TYPE_RPC;
		plain += sizeof(rpc) - 1;
	}
	if (resolve_protocol(build, plain, base) == 0 &&
	    (plain == given || service->protocol == IPPROTO_TCP ||
		service->protocol == IPPROTO_UDP)) {
		if (build->manner->as_xinetd)
			xinetd_protocol(build, *base);
		return;
	}
	build_refuse(build, place_of(build, OPTION_PROTOCOL),
	    "unknown protocol %s%s", given,
	    resolve_protocol_hint(&hint, given));
	service->family = FAMILY_BOTH;
	*base = "tcp";
}

static int
guess_socktype(const struct service *service)
{
	switch (service->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_SCTP:
		return SOCK_STREAM;
	case IPPROTO_UDP:
		return SOCK_DGRAM;
	default:
		return service->family == FAMILY_UNIX ? SOCK_STREAM : SOCK_RAW;
	}
}

static void
take_socktype(struct build *build, const char *text)
{
	build->service->socktype = resolve_socktype(text);
	if (build->service->socktype < 0)
		build_unknown(build, OPTION_SOCKET_TYPE, "socket type", text,
		    resolve_socktype_names());
}

static void
complete_socktype(struct build *build)
{
	struct service *service = build->service;
	const char *text = value(build, OPTION_SOCKET_TYPE);

	if (text != NULL)
		take_socktype(build, text);
	else
		service->socktype = guess_socktype(service);
	if (service->socktype >= 0 && !build->bad)
		rules_socket(build);
}

/* xinetd's spelling: flags IPv4 and IPv6, and v6only.  With both flags it
 * prefers IPv6, and takes IPv4 by it; so do two sockets, also where there is
 * no IPv6. */
static void
family_of_flags(struct build *build)
{
	struct service *service = build->service;
	bool v6only = build_decide(build, OPTION_V6ONLY, false);
	unsigned flags = build->flags & (FLAG_IPV4 | FLAG_IPV6);
	bool dual = (flags & FLAG_IPV6) != 0 ||
	    setting(build, OPTION_V6ONLY)->set;

	if (build->manner->as_xinetd) {
		flags = xinetd_family(build);
		dual = flags == FLAG_IPV6;
	}
	if (flags == FLAG_IPV4)
		service->family = FAMILY_INET;
	else if (v6only)
		service->family = FAMILY_INET6;
	else if (dual)
		service->family = FAMILY_DUAL;
}

static void
complete_family(struct build *build)
{
	const char *text = value(build, OPTION_FAMILY);
	bool flags = says_itself(build, OPTION_FLAGS) &&
	    (build->flags & (FLAG_IPV4 | FLAG_IPV6)) != 0;
	const struct choice *family;

	if (build->service->family == FAMILY_UNIX)
		return;
	if (text == NULL || (flags && !says_itself(build, OPTION_FAMILY))) {
		family_of_flags(build);
		return;
	}
	family = choice_find(family_words, text);
	if (family != NULL) /* else reported */
		build->service->family = (enum family_choice)family->value;
}

/* Where it listens. */

static bool
all_digits(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* One text of listen: host NULL where it has none, port NULL likewise. */
struct target {
	char *host, *port;
};

/*
 * "[::1]:21", "192.0.2.1:21", "*:20000-20099", ":ftp", "7001", and hosts
 * without a port, among them "::1".  False if it has no such form.
 */
static bool
split_target(const char *text, struct target *target)
{
	const char *colon = strchr(text, ':');

	memset(target, 0, sizeof(*target));
	if (text[0] == '[') {
		const char *end = strchr(text, ']');

		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		colon = end[1] == ':' ? end + 1 : NULL;
	} else if (text[0] != '\0' &&
	    text[strspn(text, "0123456789-")] == '\0') {
		target->port = xstrdup(text);
		return true;
	} else if (colon != NULL && strchr(colon + 1, ':') != NULL)
		colon = NULL; /* an IPv6 address */
	if (colon != NULL)
		target->port = xstrdup(colon + 1);
	if (colon == NULL)
		target->host = xstrdup(text);
	else if (colon > text)
		target->host = xstrndup(text, (size_t)(colon - text));
	return (target->host != NULL || target->port != NULL) &&
	    (target->port == NULL || target->port[0] != '\0');
}

static void
target_free(struct target *target)
{
	free(target->host);
	free(target->port);
}

/* The port of a disabled service may be one that this host does not know: the
 * addresses that its section names are kept all the same, to be printed. */
static bool
can_listen(const struct build *build, const char *host)
{
	const struct service *service = build->service;

	return service->port != 0 || service->rpc.enabled ||
	    service->socktype == SOCK_RAW ||
	    (service->disabled &&
		(host != NULL || setting(build, OPTION_BIND)->set));
}

/* At the addresses of the command line, "127.0.0.1,::1". */
static void
listen_by_default(struct build *build, const struct place *place)
{
	const char *list = build->loader->context->address;
	char *copy = list != NULL ? xstrdup(list) : NULL;
	char *rest = copy, *one;

	if (list == NULL)
		resolve_listen(build, NULL, place);
	while ((one = strsep(&rest, ",")) != NULL)
		if (one[0] != '\0')
			resolve_listen(build, one, place);
		else
			build_refuse(build, place,
			    "an address is missing in the list \"%s\"", list);
	free(copy);
}

/* At the port that the service has now. */
static void
listen_at(struct build *build, const char *host, const struct place *place)
{
	const struct setting *bind = setting(build, OPTION_BIND);

	if (!can_listen(build, host))
		return;
	if (host != NULL)
		resolve_listen(build, host, place);
	else if (bind->set)
		for (size_t i = 0; i < bind->count; i++)
			resolve_listen(build, bind->values[i].text,
			    &bind->values[i].place);
	else
		listen_by_default(build, place);
}

static bool
take_port(struct build *build, const char *name, const char *base,
    const struct place *place)
{
	build->service->port = 0;
	resolve_port(build, name, base, place);
	return build->service->port != 0;
}

/* "20000-20099"; false if it is no range of ports. */
static bool
take_range(const char *text, uint16_t *low, uint16_t *high)
{
	const char *dash = strchr(text, '-');
	char *first;
	bool good;

	if (dash == NULL)
		return false;
	first = xstrndup(text, (size_t)(dash - text));
	good = addr_parse_port(first, low) == 0 &&
	    addr_parse_port(dash + 1, high) == 0 && *low > 0 && *low <= *high;
	free(first);
	return good;
}

/* Each is a descriptor of superd's. */
enum { ENDPOINTS_MAX = 10000 };

/* One target with its port or ports. */
static void
listen_target(struct build *build, const struct target *target,
    const char *base, const struct place *place)
{
	struct service *service = build->service;
	uint16_t low, high;

	if (target->port == NULL) {
		listen_at(build, target->host, place);
	} else if (target->port[strspn(target->port, "0123456789-")] != '\0' ||
	    all_digits(target->port)) {
		if (take_port(build, target->port, base, place))
			listen_at(build, target->host, place);
	} else if (!take_range(target->port, &low, &high)) {
		build_refuse(build, place,
		    "ports %s: expected LOW-HIGH, each from 1 to 65535",
		    target->port);
	} else
		for (unsigned port = low;
		     port <= high && service->nendpoints <= ENDPOINTS_MAX;
		     port++) {
			service->port = (uint16_t)port;
			listen_at(build, target->host, place);
		}
}

/* What a target without a port listens at: 0 if there is no such port. */
static uint16_t
own_port(struct build *build, const char *base)
{
	struct service *service = build->service;
	const char *port = value(build, OPTION_PORT);

	if (service->rpc.enabled || service->socktype == SOCK_RAW)
		return 0;
	service->port = 0;
	if (port != NULL)
		take_port(build, port, base, place_of(build, OPTION_PORT));
	else if (build->manner->as_xinetd && (build->type & TYPE_UNLISTED))
		build_lacks(build, "an UNLISTED service needs a port");
	else if (!build->bad ||
	    build->manner->as_xinetd) /* or the port may be what was misspelt */
		take_port(build, service->name, base, &service->place);
	if (build->manner->as_xinetd)
		xinetd_port(build, base);
	return service->port;
}

/* False if a text of listen has no meaning, which is reported. */
static bool
take_target(struct build *build, const char *text, const struct place *place,
    struct target *target)
{
	const struct service *service = build->service;
	bool ports = !service->rpc.enabled && service->socktype != SOCK_RAW;

	if (!is_path(text)) {
		if (split_target(text, target) &&
		    (ports || target->port == NULL))
			return true;
		target_free(target);
	}
	build_refuse(build, place, "listen %s: expected %s", text,
	    ports ? "ADDRESS:PORT" : "an address without a port");
	return false;
}

/*
 * Targets without a port have the one of the service.  That is the one of
 * the option, else of the first target.
 */
static void
listen_list(struct build *build, const char *base)
{
	const struct setting *listen = setting(build, OPTION_LISTEN);
	struct service *service = build->service;
	bool known = value(build, OPTION_PORT) != NULL;
	uint16_t port = known ? own_port(build, base) : 0;

	for (size_t i = 0;
	     i < listen->count && service->nendpoints <= ENDPOINTS_MAX; i++) {
		const struct place *place = &listen->values[i].place;
		struct target target;

		if (!take_target(build, listen->values[i].text, place, &target))
			continue;
		if (target.port == NULL)
			service->port = known ? port : own_port(build, base);
		listen_target(build, &target, base, place);
		if (!known && service->nendpoints > 0) {
			port = addr_port(&service->endpoints[0].addr);
			known = true;
		}
		target_free(&target);
	}
	service->port = port;
	if (service->nendpoints > ENDPOINTS_MAX)
		build_refuse(build, &listen->place,
		    "listen: more than %d sockets for one service",
		    ENDPOINTS_MAX);
}

static void
complete_internet(struct build *build, const char *base)
{
	if (setting(build, OPTION_LISTEN)->set) {
		listen_list(build, base);
	} else {
		own_port(build, base);
		listen_at(build, NULL, place_of(build, OPTION_PORT));
	}
}

/* Unix sockets. */

static void
complete_owner(struct build *build)
{
	const struct setting *user = setting(build, OPTION_SOCKET_USER);
	const struct setting *group = setting(build, OPTION_SOCKET_GROUP);

	if (user->set)
		resolve_owner(build, user->values,
		    group->set ? group->values : NULL);
	else if (group->set)
		build_refuse(build, &group->values[0].place,
		    "socket_group needs socket_user");
}

static void
complete_unix(struct build *build)
{
	const struct setting *listen = setting(build, OPTION_LISTEN);
	struct service *service = build->service;

	complete_owner(build);
	if (value(build, OPTION_PORT) != NULL)
		build_refuse(build, place_of(build, OPTION_PORT),
		    "a unix socket cannot have a port");
	if (!listen->set && is_path(service->name))
		resolve_path(build, service->name, &service->place);
	else if (!listen->set && !service->disabled)
		build_refuse(build, &service->place,
		    "listen is missing: expected listen = \"/PATH\"");
	for (size_t i = 0; i < listen->count; i++)
		if (is_path(listen->values[i].text))
			resolve_path(build, listen->values[i].text,
			    &listen->values[i].place);
		else
			build_refuse(build, &listen->values[i].place,
			    "listen %s: expected an absolute path, or @NAME "
			    "for an abstract socket",
			    listen->values[i].text);
}

/* Other kinds. */

static void
complete_mux(struct build *build)
{
	struct service *service = build->service;

	static const enum option_id wheres[] = { OPTION_PORT, OPTION_LISTEN,
		OPTION_BIND };

	service->mux = build->type & TYPE_TCPMUXPLUS ? MUX_PLUS : MUX_PLAIN;
	if (build->manner->as_xinetd && !(build->type & TYPE_UNLISTED))
		build_fail(build, false, place_of(build, OPTION_TYPE),
		    "a service of type TCPMUX must be UNLISTED, too");
	for (size_t i = 0; i < sizeof(wheres) / sizeof(wheres[0]); i++)
		if (says_itself(build, wheres[i]) && !build->manner->as_xinetd)
			build_fail(build, false, place_of(build, wheres[i]),
			    "a tcpmux service cannot have %s of its own: "
			    "it uses that of tcpmux",
			    i == 0 ? "a port" : "an address");
	if (service->protocol != IPPROTO_TCP || (build->type & TYPE_RPC) != 0)
		build_fail(build, false, place_of(build, OPTION_PROTOCOL),
		    "a tcpmux service needs protocol tcp");
	if (service->wait)
		build_fail(build, false, place_of(build, OPTION_WAIT),
		    "a tcpmux service needs %s", build->manner->nowait);
}

static void
complete_rpc(struct build *build)
{
	struct service *service = build->service;
	const char *number = value(build, OPTION_RPC_NUMBER);
	const char *versions = value(build, OPTION_RPC_VERSION);

	service->rpc.enabled = true;
	if (number == NULL && (build->type & TYPE_UNLISTED))
		build_lacks(build, "rpc_number is missing");
	else if (versions == NULL)
		build_lacks(build, "rpc_version is missing");
	else
		resolve_rpc(build, number != NULL ? number : service->name,
		    versions, place_of(build, OPTION_RPC_VERSION));
}

struct order {
	const struct addr *addr;
	size_t i;
};

static int
compare_order(const void *a, const void *b)
{
	const struct order *oa = a, *ob = b;
	int order = addr_compare(oa->addr, ob->addr);

	return order != 0 ? order : (oa->i > ob->i) - (oa->i < ob->i);
}

/* What two texts of listen name alike is bound once. */
static void
drop_repeated(struct service *service)
{
	size_t count = service->nendpoints, to = 0;
	struct order *orders = xcalloc(count, sizeof(*orders));
	bool *repeated = xcalloc(count, sizeof(*repeated));

	for (size_t i = 0; i < count; i++) {
		orders[i].addr = &service->endpoints[i].addr;
		orders[i].i = i;
	}
	if (count > 1)
		qsort(orders, count, sizeof(*orders), compare_order);
	for (size_t i = 1; i < count; i++)
		repeated[orders[i].i] = addr_compare(orders[i - 1].addr,
					    orders[i].addr) == 0;
	for (size_t i = 0; i < count; i++)
		if (!repeated[i])
			service->endpoints[to++] = service->endpoints[i];
	service->nendpoints = to;
	free(orders);
	free(repeated);
}

void
make_socket(struct build *build)
{
	struct service *service = build->service;
	const char *base;

	complete_protocol(build, &base);
	complete_socktype(build);
	complete_family(build);
	/* a datagram belongs to nobody: its server has to take the socket */
	if (!setting(build, OPTION_WAIT)->set && build->manner->as_xinetd)
		build_lacks(build, "wait is missing");
	else if (!setting(build, OPTION_WAIT)->set)
		service->wait = service->socktype != SOCK_STREAM &&
		    service->socktype != SOCK_SEQPACKET;
	if (build->type & (TYPE_TCPMUX | TYPE_TCPMUXPLUS)) {
		complete_mux(build);
		return;
	}
	if (build->type & TYPE_RPC)
		complete_rpc(build);
	if (service->family == FAMILY_UNIX && build->manner->as_xinetd)
		build_fail(build, false, place_of(build, OPTION_PROTOCOL),
		    "protocol unix cannot be used here");
	else if (service->family == FAMILY_UNIX)
		complete_unix(build);
	else
		complete_internet(build, base);
	drop_repeated(service);
}

void
socket_defaults(struct build *build)
{
	const char *type = value(build, OPTION_SOCKET_TYPE), *base;

	if (value(build, OPTION_PROTOCOL) != NULL)
		complete_protocol(build, &base);
	if (type != NULL)
		take_socktype(build, type);
	build_decide(build, OPTION_V6ONLY, false);
}
