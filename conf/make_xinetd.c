/*
 * What an entry of xinetd.conf means and the same words elsewhere do not, and
 * what is told about xinetd doing otherwise.
 */
#include "conf/make_own.h"

#include <netinet/in.h>

#include <string.h>

#include "conf/access.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/units.h"

/* Sockets. */

static bool
is_usual(const char *type)
{
	return strcmp(type, "stream") == 0 || strcmp(type, "dgram") == 0 ||
	    resolve_socktype(type) < 0; /* reported */
}

void
xinetd_protocol(struct build *build, const char *base)
{
	const struct service *service = build->service;
	const char *type = value(build, OPTION_SOCKET_TYPE);

	if (value(build, OPTION_PROTOCOL) == NULL) {
		if (type == NULL || !is_usual(type))
			build_lacks(build, "protocol is missing");
		return;
	}
	if (type == NULL && service->protocol != IPPROTO_TCP &&
	    service->protocol != IPPROTO_UDP)
		build_lacks(build, "socket_type is missing");
	if (strcmp(base, service->proto) != 0)
		build_warn(build, &service->place,
		    "protocol %s implies an address family: xinetd has "
		    "flags for that and does not serve this entry",
		    service->proto);
}

unsigned
xinetd_family(struct build *build)
{
	unsigned flags = build->flags & (FLAG_IPV4 | FLAG_IPV6);
	const char *bind = value(build, OPTION_BIND);
	struct addr addr;
	unsigned family;

	if (bind == NULL || addr_parse_host(bind, 0, &addr) != 0)
		return flags;
	family = addr.u.sa.sa_family == AF_INET ? FLAG_IPV4 : FLAG_IPV6;
	if (flags != 0 && (flags & family) == 0)
		build_fail(build, false, place_of(build, OPTION_BIND),
		    "address %s is not of the family given in flags", bind);
	return family;
}

void
xinetd_port(struct build *build, const char *base)
{
	const struct service *service = build->service;
	const char *name = service->name;
	uint16_t port;

	if (build->bad || value(build, OPTION_PORT) == NULL ||
	    service->port == 0 || (build->type & TYPE_UNLISTED))
		return;
	if (names_port(build->loader->context->names, name, base, &port) != 0)
		build_warn(build, &service->place,
		    "%s/%s is not in /etc/services: without type = "
		    "UNLISTED, xinetd does not serve it",
		    name, base);
	else if (port != service->port)
		build_fail(build, false, place_of(build, OPTION_PORT),
		    "%s/%s has port %u in /etc/services: use type = "
		    "UNLISTED for another one",
		    name, base, port);
}

/* Users. */

enum { ID_DIGITS = 9 };

static bool
is_number(const char *text)
{
	return text[0] != '\0' && strlen(text) <= ID_DIGITS &&
	    text[strspn(text, "0123456789")] == '\0';
}

/* It has the same number as its group. */
static void
take_numeric_user(struct build *build, const char *user, const char *group)
{
	const struct load_context *context = build->loader->context;
	struct command *command = &build->service->command;

	set_text(&command->user, user);
	command->uid = (uid_t)strtoul(user, NULL, 10);
	command->gid = (gid_t)command->uid;
	if (group != NULL) {
		set_text(&command->group, group);
		if (is_number(group))
			command->gid = (gid_t)strtoul(group, NULL, 10);
		else if (names_group(context->names, group, &command->gid) != 0)
			build_fail(build, false, place_of(build, OPTION_GROUP),
			    "unknown group %s", group);
	}
	if (context->unprivileged && command->uid != context->our_uid)
		build_fail(build, false, place_of(build, OPTION_USER),
		    "superd does not run as root and cannot become %s", user);
	command->change_user = !context->unprivileged;
}

bool
xinetd_user(struct build *build, const char *user, const char *group,
    bool groups)
{
	struct account account;

	if (user == NULL || !is_number(user) ||
	    (groups &&
		names_user(build->loader->context->names, user, &account) == 0))
		return false;
	take_numeric_user(build, user, group);
	return true;
}

/* Access. */

/* Where one socket serves both families, an IPv4 client has an address of
 * IPv6 for xinetd, ::ffff:a.b.c.d: ::/0 is everybody. */
static void
add_mapped(struct build *build, char ***list, const char *name)
{
	for (size_t i = 0; *list != NULL && (*list)[i] != NULL; i++)
		if (access_covers_mapped((*list)[i])) {
			build_warn(build, &build->service->place,
			    "%s: IPv4 clients match %s, too", name, (*list)[i]);
			strings_add(list, "0.0.0.0/0");
			return;
		}
}

/* What xinetd refuses to everybody is not opened by a better match. */
void
xinetd_access(struct build *build)
{
	const struct place *place = place_of(build, OPTION_NO_ACCESS);
	struct access *access = &build->service->access;
	const char *shut;
	char *opened;

	/* on a socket of IPv4 alone there are no such addresses */
	if (build->service->family != FAMILY_INET) {
		add_mapped(build, &access->no_access, "no_access");
		add_mapped(build, &access->only_from, "only_from");
	}
	shut = access_shut(access, &opened);
	if (shut != NULL)
		build_warn(build, place,
		    "only_from %s lets nobody in: no_access %s keeps "
		    "everybody out, as with xinetd",
		    opened, shut);
	free(opened);
}

/* What xinetd does otherwise. */

/* Of a name it takes the first address that it finds. */
static void
note_addresses(struct build *build)
{
	const char *bind = value(build, OPTION_BIND);
	size_t count = build->service->nendpoints;
	struct addr addr;

	if (bind != NULL && count > 1 && strcmp(bind, "*") != 0 &&
	    addr_parse_host(bind, 0, &addr) != 0)
		build_warn(build,
		    says_itself(build, OPTION_BIND) ?
			place_of(build, OPTION_BIND) :
			&build->service->place,
		    "%s has %zu addresses, all of which are used: xinetd "
		    "uses only the first",
		    bind, count);
}

/* It knows NAMEINARGS only where it comes first. */
static void
note_order(struct build *build)
{
	const struct place *flags = place_of(build, OPTION_FLAGS);
	const struct place *args = place_of(build, OPTION_SERVER_ARGS);

	if (build->service->command.program != NULL &&
	    (build->flags & FLAG_NAMEINARGS) &&
	    setting(build, OPTION_SERVER_ARGS)->set && args->line < flags->line)
		build_warn(build, flags,
		    "NAMEINARGS comes after server_args: xinetd starts the "
		    "server without a name");
}

static void
note_extensions(struct build *build)
{
	static const enum option_id ids[] = { OPTION_NO_NEW_PRIVS,
		OPTION_TIME_LIMIT };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (says_itself(build, ids[i]))
			build_warn(build, place_of(build, ids[i]),
			    "%s applies: xinetd 2.3.15 does not have it",
			    option_name(ids[i]));
}

void
xinetd_notes(struct build *build)
{
	const struct service *service = build->service;

	note_addresses(build);
	note_order(build);
	if (resolve_is_page(service) && !service->unservable)
		build_warn(build, &service->place,
		    "internal service %s is served: xinetd 2.3.15 does not "
		    "have it",
		    service->name);
	note_extensions(build);
	if (service->idonly && service_knows_user(service) &&
	    !(service->log_on_success & LOGS_USERID) &&
	    says_itself(build, OPTION_FLAGS))
		build_warn(build, place_of(build, OPTION_FLAGS),
		    "flags: IDONLY applies without "
		    "USERID in log_on_success, too: xinetd lets "
		    "everybody in");
}
