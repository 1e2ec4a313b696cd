/* What names in an entry mean on this host. */
#include "conf/resolve.h"

#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/access.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

/* Users. */

static void
set_groups(struct build *build, const struct account *account,
    const struct place *place)
{
	struct command *command = &build->service->command;
	gid_t primary = command->own_group ? account->gid : command->gid;
	const gid_t *groups;
	size_t count;

	if (names_groups(build->loader->context->names, account->name, primary,
		&groups, &count) != 0) {
		build_fail(build, true, place,
		    "cannot look up the groups of %s", account->name);
		return;
	}
	if (count == 0)
		return;
	command->groups = xreallocarray(command->groups, count, sizeof(gid_t));
	memcpy(command->groups, groups, count * sizeof(gid_t));
	command->ngroups = count;
}

static bool
find_user(struct build *build, const char *name, struct account *account,
    const struct place *place)
{
	int error = names_user(build->loader->context->names, name, account);

	if (error != 0)
		build_fail(build, true, place, "%s user %s",
		    error == ENOENT ? "unknown" : "cannot look up", name);
	return error == 0;
}

/* numbers: they need no entry in group(5). */
static bool
find_group(struct build *build, const char *name, bool numbers, gid_t *gid,
    const struct place *place)
{
	int error = names_group(build->loader->context->names, name, gid);

	if (error == ENOENT && numbers && parse_id(name, gid) == 0)
		return true;
	if (error != 0)
		build_fail(build, true, place, "%s group %s",
		    error == ENOENT ? "unknown" : "cannot look up", name);
	return error == 0;
}

/* Without privileges superd stays what it is: most likely the user that it
 * runs as, with that user's own group. */
static bool
may_become(struct build *build, const struct account *account, gid_t gid,
    const struct place *place)
{
	if (!build->loader->context->unprivileged)
		return true;
	if (account->uid != build->loader->context->our_uid)
		build_fail(build, false, place,
		    "superd does not run as root and cannot become %s",
		    account->name);
	else if (gid != account->gid)
		build_fail(build, false, place,
		    "superd does not run as root and cannot change its group");
	else
		return true;
	return false;
}

void
resolve_user(struct build *build, const char *user, const char *group,
    bool supplementary, const struct place *place)
{
	struct command *command = &build->service->command;
	struct account account;

	set_text(&command->user, user);
	set_text(&command->group, group);
	if (!find_user(build, user, &account, place))
		return;
	command->uid = account.uid;
	command->gid = account.gid;
	set_text(&command->home, account.home);
	set_text(&command->shell, account.shell);
	if (group != NULL &&
	    !find_group(build, group, build->service->dialect == DIALECT_XINETD,
		&command->gid, place))
		return;
	if (build->service->internal == NULL &&
	    !may_become(build, &account, command->gid, place))
		return;
	command->change_user = !build->loader->context->unprivileged;
	if (supplementary)
		set_groups(build, &account, place);
}

bool
resolve_uid(struct build *build, const struct value *user, uid_t *uid)
{
	struct account account;

	if (parse_id(user->text, uid) == 0)
		return true;
	if (!find_user(build, user->text, &account, &user->place))
		return false;
	*uid = account.uid;
	return true;
}

bool
resolve_gid(struct build *build, const struct value *group, gid_t *gid)
{
	return find_group(build, group->text, true, gid, &group->place);
}

void
resolve_owner(struct build *build, const struct value *user,
    const struct value *group)
{
	struct account account = { .name = user->text };
	bool number = group != NULL && parse_id(user->text, &account.uid) == 0;
	gid_t gid;

	if (!number && !find_user(build, user->text, &account, &user->place))
		return;
	gid = account.gid;
	if (group != NULL &&
	    !find_group(build, group->text, true, &gid, &group->place))
		return;
	if (number)
		account.gid = gid;
	if (!may_become(build, &account, gid, &user->place))
		return;
	build->service->node.owned = true;
	build->service->node.uid = account.uid;
	build->service->node.gid = gid;
}

/* Ports and addresses. */

void
resolve_port(struct build *build, const char *name, const char *proto,
    const struct place *place)
{
	int error;

	if (name[0] != '\0' && name[strspn(name, "0123456789")] == '\0') {
		if (addr_parse_port(name, &build->service->port) == 0 &&
		    build->service->port != 0)
			return;
		build_refuse(build, place,
		    "port %s is out of range: expected 1 to 65535", name);
		return;
	}
	error = names_port(build->loader->context->names, name, proto,
	    &build->service->port);
	if (error != 0)
		build_fail(build, error != ENOENT, place,
		    "unknown service %s/%s: neither a port number nor a "
		    "name in /etc/services",
		    name, proto);
}

static bool
family_wanted(const struct service *service, sa_family_t family)
{
	if (family == AF_INET)
		return service->family != FAMILY_INET6;
	return family == AF_INET6 && service->family != FAMILY_INET;
}

static void
add_endpoint(struct service *service, const struct addr *addr, bool optional)
{
	struct addr with_port = *addr;

	addr_set_port(&with_port, service->port);
	service_add_endpoint(service, &with_port,
	    addr->u.sa.sa_family == AF_INET6 && service->family != FAMILY_DUAL,
	    optional);
}

static void
listen_anywhere(struct service *service)
{
	struct addr any;

	if (service->family == FAMILY_BOTH || service->family == FAMILY_INET) {
		addr_any(AF_INET, service->port, &any);
		add_endpoint(service, &any, false);
	}
	if (service->family != FAMILY_INET) {
		addr_any(AF_INET6, service->port, &any);
		add_endpoint(service, &any, service->family == FAMILY_BOTH);
	}
}

static int
wanted_family(const struct service *service)
{
	if (service->family == FAMILY_INET)
		return AF_INET;
	return service->family == FAMILY_INET6 ? AF_INET6 : AF_UNSPEC;
}

static void
listen_on_name(struct build *build, const char *host, const struct place *place)
{
	const struct addr *list;
	size_t count;
	int error = names_host(build->loader->context->names, host,
	    wanted_family(build->service), &list, &count);

	if (error != 0) {
		build_fail(build, true, place, "cannot resolve host %s", host);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (family_wanted(build->service, list[i].u.sa.sa_family))
			add_endpoint(build->service, &list[i], false);
}

void
resolve_listen(struct build *build, const char *host, const struct place *place)
{
	struct addr addr;

	if (host == NULL || strcmp(host, "*") == 0) {
		listen_anywhere(build->service);
		return;
	}
	if (addr_parse_host(host, 0, &addr) != 0) {
		listen_on_name(build, host, place);
		return;
	}
	addr_unmap(&addr);
	if (!family_wanted(build->service, addr.u.sa.sa_family)) {
		build_fail(build, false, place,
		    "address %s is not of the family of %s", host,
		    build->service->proto);
	} else
		add_endpoint(build->service, &addr, false);
}

void
resolve_path(struct build *build, const char *path, const struct place *place)
{
	struct addr addr;

	if (addr_parse_unix(path, &addr) != 0) {
		build_refuse(build, place,
		    "path of a unix socket: expected at most %zu bytes",
		    sizeof(addr.u.un.sun_path) - 1);
		return;
	}
	service_add_endpoint(build->service, &addr, false, false);
}

/* Programs. */

void
resolve_program(struct build *build, const char *path,
    const struct place *place)
{
	int error;

	set_text(&build->service->command.program, path);
	if (path[0] != '/') {
		build_refuse(build, place,
		    "program %s: expected an absolute path%s", path,
		    strchr(path, '/') != NULL ?
			", since superd leaves the directory it was started "
			"in" :
			"");
		return;
	}
	error = names_program(build->loader->context->names, path);
	if (error == EISDIR)
		build_warn(build, place, "program %s is a directory", path);
	else if (error == EACCES)
		build_warn(build, place, "program %s is not executable", path);
	else if (error != 0)
		build_warn(build, place, "program %s: %s", path,
		    strerror(error));
}

bool
resolve_named_program(struct build *build, const char *name,
    const struct place *place)
{
	char *copy = xstrdup(CHILD_PATH), *rest = copy, *directory;
	char *path = NULL;

	while (path == NULL && (directory = strsep(&rest, ":")) != NULL) {
		path = xasprintf("%s/%s", directory, name);
		if (names_program(build->loader->context->names, path) != 0) {
			free(path);
			path = NULL;
		}
	}
	free(copy);
	if (path == NULL)
		return false;
	set_text(&build->service->command.program, path);
	build_warn(build, place,
	    "program %s was found as %s: expected an absolute path", name,
	    path);
	free(path);
	return true;
}

/* RPC. */

static int
parse_versions(const char *text, struct rpc_spec *rpc)
{
	const char *dash = strchr(text, '-');
	char *low = dash == NULL ?
	    xstrdup(text) :
	    xstrndup(text, (size_t)(dash - text));
	unsigned long long a, b;
	int result;

	result = parse_number(low, 0, UINT16_MAX, &a);
	free(low);
	b = a;
	if (result == 0 && dash != NULL)
		result = parse_number(dash + 1, a, UINT16_MAX, &b);
	if (result == 0) {
		rpc->low = (unsigned)a;
		rpc->high = (unsigned)b;
	}
	return result;
}

void
resolve_rpc(struct build *build, const char *name, const char *versions,
    const struct place *place)
{
	struct rpc_spec *rpc = &build->service->rpc;
	unsigned long long number;

	rpc->enabled = true;
	if (parse_versions(versions, rpc) != 0) {
		build_refuse(build, place,
		    "RPC versions %s: expected N or LOW-HIGH", versions);
		return;
	}
	if (!build->loader->context->have_rpc)
		build_fail(build, false, place,
		    "RPC service %s: this superd was built without libtirpc",
		    name);
	if (parse_number(name, 1, UINT32_MAX, &number) == 0)
		rpc->program = (unsigned long)number;
	else if (names_rpc(build->loader->context->names, name,
		     &rpc->program) != 0)
		build_fail(build, false, place, "unknown RPC program %s", name);
}

/* Redirection. */

static void
add_target(struct redirect *redirect, const struct addr *addr, uint16_t port)
{
	redirect->targets = xgrow(redirect->targets, redirect->ntargets,
	    sizeof(*redirect->targets));
	redirect->targets[redirect->ntargets] = *addr;
	addr_set_port(&redirect->targets[redirect->ntargets++], port);
}

void
resolve_redirect(struct build *build, const struct place *place)
{
	struct redirect *redirect = &build->service->redirect;
	struct names *names = build->loader->context->names;
	const struct addr *list;
	struct addr addr;
	uint16_t port;
	size_t count;

	if (addr_parse_port(redirect->port, &port) != 0 &&
	    names_port(names, redirect->port, "tcp", &port) != 0) {
		build_fail(build, false, place, "unknown port %s",
		    redirect->port);
		return;
	}
	if (addr_parse_host(redirect->host, 0, &addr) == 0) {
		add_target(redirect, &addr, port);
		return;
	}
	if (names_host(names, redirect->host, AF_UNSPEC, &list, &count) != 0) {
		build_fail(build, true, place, "cannot resolve host %s",
		    redirect->host);
		return;
	}
	for (size_t i = 0; i < count; i++)
		add_target(redirect, &list[i], port);
}

/* Words. */

static const char *const socktype_names[] = { "stream", "dgram", "raw", "rdm",
	"seqpacket", NULL };
static const int socktypes[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM,
	SOCK_SEQPACKET };

const char *const *
resolve_socktype_names(void)
{
	return socktype_names;
}

int
resolve_socktype(const char *name)
{
	for (size_t i = 0; socktype_names[i] != NULL; i++)
		if (strcmp(socktype_names[i], name) == 0)
			return socktypes[i];
	return -1;
}

const char *
resolve_socktype_name(int socktype)
{
	for (size_t i = 0; socktype_names[i] != NULL; i++)
		if (socktypes[i] == socktype)
			return socktype_names[i];
	return NULL;
}

static const struct protocol {
	const char *name, *base;
	int protocol;
	enum family_choice family;
} protocols[] = {
	{ "tcp", "tcp", IPPROTO_TCP, FAMILY_BOTH },
	{ "tcp4", "tcp", IPPROTO_TCP, FAMILY_INET },
	{ "tcp6", "tcp", IPPROTO_TCP, FAMILY_INET6 },
	{ "tcp6only", "tcp", IPPROTO_TCP, FAMILY_INET6 },
	{ "tcp46", "tcp", IPPROTO_TCP, FAMILY_DUAL },
	{ "udp", "udp", IPPROTO_UDP, FAMILY_BOTH },
	{ "udp4", "udp", IPPROTO_UDP, FAMILY_INET },
	{ "udp6", "udp", IPPROTO_UDP, FAMILY_INET6 },
	{ "udp6only", "udp", IPPROTO_UDP, FAMILY_INET6 },
	{ "udp46", "udp", IPPROTO_UDP, FAMILY_DUAL },
	{ "unix", "unix", 0, FAMILY_UNIX },
};

static const struct protocol *
find_protocol(const char *name)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (strcmp(protocols[i].name, name) == 0)
			return &protocols[i];
	return NULL;
}

const char *
resolve_known_protocol(const char *name)
{
	const struct protocol *known = find_protocol(name);

	return known != NULL ? known->name : NULL;
}

const char *
resolve_protocol_hint(struct hint *hint, const char *name)
{
	const char *names[sizeof(protocols) / sizeof(protocols[0]) + 3] = {
		"rpc/tcp", "rpc/udp"
	};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		names[i + 2] = protocols[i].name;
	return report_hint(hint, name, names);
}

enum family_choice
resolve_family(const char *name)
{
	const struct protocol *known = find_protocol(
	    strncmp(name, "rpc/", 4) == 0 ? name + 4 : name);

	if (known != NULL)
		return known->family;
	return strncmp(name, "ipv6", 4) == 0 ? FAMILY_INET6 : FAMILY_INET;
}

int
resolve_protocol(struct build *build, const char *name, const char **base)
{
	const struct protocol *known = find_protocol(name);
	int *number = &build->service->protocol;

	build->service->family = resolve_family(name);
	*base = known != NULL ? known->base : name;
	if (known == NULL)
		return names_protocol(build->loader->context->names, name,
			   number) == 0 ?
		    0 :
		    -1;
	*number = known->protocol;
	return 0;
}

/* So that aliases ("sink") and bare numbers find their handlers. */
static const struct {
	uint16_t port;
	const char *name;
} internal_ports[] = {
	{ 1, "tcpmux" },
	{ 7, "echo" },
	{ 9, "discard" },
	{ 13, "daytime" },
	{ 19, "chargen" },
	{ 37, "time" },
};

const char *
resolve_internal(struct build *build, const char *name)
{
	const struct load_context *context = build->loader->context;

	if (context->internal_known(name, build->service->socktype))
		return name;
	for (size_t i = 0;
	     i < sizeof(internal_ports) / sizeof(internal_ports[0]); i++)
		if (internal_ports[i].port == build->service->port &&
		    context->internal_known(internal_ports[i].name,
			build->service->socktype))
			return internal_ports[i].name;
	return NULL;
}

bool
resolve_is_page(const struct service *service)
{
	const char *name = service->internal;

	return name != NULL &&
	    (strcmp(name, "services") == 0 || strcmp(name, "servers") == 0 ||
		strcmp(name, "metrics") == 0 || strcmp(name, "status") == 0);
}

void
resolve_page(struct service *service)
{
	if (resolve_is_page(service) && service->family != FAMILY_UNIX)
		access_keep_local(&service->access);
}
