/*
 * From the entries of xinetd.conf to services: which of them run, and what
 * attributes mean that depend on each other.
 */
#include "conf/xinetd.h"

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/access.h"
#include "conf/resolve.h"
#include "conf/rules.h"
#include "conf/service.h"
#include "conf/xalloc.h"

/* xinetd's default of cps: starts in a second, and the longest pause. */
enum { CPS = 50, CPS_PAUSE = 10, ID_DIGITS = 9 };

static void fail(struct unmade *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
static void warn(struct unmade *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* What no single line is to blame for. */
static void
fail(struct unmade *draft, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	resolve_failed(&draft->loader, draft->service, false,
	    &draft->entry->place, "%s", text);
}

static void
warn(struct unmade *draft, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_addv(draft->loader.reports, REPORT_WARNING, &draft->entry->place,
	    fmt, ap);
	va_end(ap);
}

/* Nothing, if the entry itself does not say it. */
static void
warn_line(struct unmade *draft, const char *name, const char *text)
{
	const struct line *line = entry_line(draft->entry,
	    xattribute_find(name));

	if (line != NULL)
		report_add(draft->loader.reports, REPORT_WARNING, &line->place,
		    "%s: %s", name, text);
}

static bool
has_type(const struct unmade *draft, unsigned types)
{
	return (draft->types & types) != 0;
}

static bool
has_flag(const struct unmade *draft, unsigned flags)
{
	return (draft->flags & flags) != 0;
}

/* For rules.c. */

/* What xinetd has instead of an option. */
static enum option_id
instead(enum option_id id)
{
	switch (id) {
	case OPTION_SOURCE_RATE:
		return OPTION_PER_SOURCE;
	case OPTION_MULTICAST:
		return OPTION_BIND;
	case OPTION_LIBWRAP:
		return OPTION_FLAGS;
	default:
		return id;
	}
}

static struct said
said(const void *arg, enum option_id id)
{
	const struct unmade *draft = arg;
	const struct xattribute *attribute = xattribute_find(
	    option_name(instead(id)));
	const struct line *own = entry_line(draft->entry, attribute);
	const struct line *line = own != NULL ?
	    own :
	    entry_line(&draft->xinetd->defaults, attribute);

	return (struct said){
		line != NULL ? &line->place : &draft->entry->place, own != NULL
	};
}

static const struct rules *
rules_of(struct unmade *draft, struct rules *rules)
{
	rules->loader = &draft->loader;
	rules->service = draft->service;
	rules->said = said;
	rules->entry = draft;
	return rules;
}

/* Socket. */

/* Either is guessed from the other. */
static void
guess_protocol(struct unmade *draft)
{
	struct service *service = draft->service;
	const char *missing = NULL;

	if (service->proto == NULL && service->socktype == SOCK_DGRAM)
		service->proto = xstrdup("udp");
	else if (service->proto == NULL) {
		service->proto = xstrdup("tcp");
		if (service->socktype != SOCK_STREAM)
			missing = "protocol";
	} else if (service->socktype == 0) {
		if (strncmp(service->proto, "tcp", 3) == 0)
			service->socktype = SOCK_STREAM;
		else if (strncmp(service->proto, "udp", 3) == 0)
			service->socktype = SOCK_DGRAM;
		else
			missing = "socket_type";
	}
	if (missing != NULL)
		fail(draft, "attribute %s is missing", missing);
}

static void
finish_protocol(struct unmade *draft, const char **base)
{
	struct service *service = draft->service;
	struct rules rules;

	guess_protocol(draft);
	if (resolve_protocol(&draft->loader, service, service->proto, base) !=
	    0) {
		fail(draft, "unknown protocol %s", service->proto);
		return;
	}
	if (strcmp(*base, service->proto) != 0)
		warn(draft,
		    "protocol %s has a family in it: xinetd does not "
		    "serve this entry, and has flags for that",
		    service->proto);
	if (service->socktype > 0)
		rules_socket(rules_of(draft, &rules));
}

/* The family of the address counts as a flag. */
static unsigned
family_flags(struct unmade *draft)
{
	unsigned flags = draft->flags & (FLAG_IPV4 | FLAG_IPV6);
	struct addr addr;

	if (draft->bind == NULL || addr_parse_host(draft->bind, 0, &addr) != 0)
		return flags;
	if (flags != 0 &&
	    (flags &
		(addr.u.sa.sa_family == AF_INET ? FLAG_IPV4 : FLAG_IPV6)) == 0)
		fail(draft,
		    "address %s is not of the family that flags ask for",
		    draft->bind);
	return addr.u.sa.sa_family == AF_INET ? FLAG_IPV4 : FLAG_IPV6;
}

/* With both flags xinetd prefers IPv6, and takes IPv4 by it; so do two
 * sockets, also where there is no IPv6. */
static void
finish_family(struct unmade *draft)
{
	struct service *service = draft->service;
	unsigned flags = family_flags(draft);

	if (service->family == FAMILY_UNIX)
		fail(draft, "protocol unix cannot be used here");
	else if (flags == FLAG_IPV4)
		service->family = FAMILY_INET;
	else if (draft->v6only)
		service->family = FAMILY_INET6;
	else if (flags == FLAG_IPV6)
		service->family = FAMILY_DUAL;
}

static void
finish_mux(struct unmade *draft)
{
	struct service *service = draft->service;

	service->mux = has_type(draft, TYPE_TCPMUXPLUS) ? MUX_PLUS : MUX_PLAIN;
	if (!has_type(draft, TYPE_UNLISTED))
		fail(draft, "a service of type TCPMUX is UNLISTED, too");
	if (service->protocol != IPPROTO_TCP)
		fail(draft, "a service of type TCPMUX has protocol tcp");
	if (service->wait)
		fail(draft, "a service of type TCPMUX has wait = no");
}

static void
finish_rpc(struct unmade *draft)
{
	const char *name = draft->entry->name;

	if (has_type(draft, TYPE_UNLISTED))
		name = draft->rpc_number;
	if (name == NULL || draft->rpc_version == NULL) {
		fail(draft, "attribute %s is missing",
		    name == NULL ? "rpc_number" : "rpc_version");
		return;
	}
	resolve_rpc(&draft->loader, draft->service, name, draft->rpc_version,
	    &draft->entry->place);
}

/* A port that is given must be the one that the name has. */
static void
finish_port(struct unmade *draft, const char *base)
{
	struct service *service = draft->service;
	const char *name = draft->entry->name;
	bool listed = !has_type(draft, TYPE_UNLISTED);
	uint16_t port;

	if (draft->port == NULL && !listed)
		fail(draft, "an UNLISTED service needs a port");
	else
		resolve_port(&draft->loader, service,
		    draft->port != NULL ? draft->port : name, base,
		    &draft->entry->place);
	if (draft->port == NULL || !listed || service->port == 0)
		return;
	if (names_port(draft->loader.context->names, name, base, &port) != 0)
		warn(draft,
		    "%s/%s is not in /etc/services: without type = "
		    "UNLISTED, xinetd does not serve it",
		    name, base);
	else if (port != service->port)
		fail(draft,
		    "%s/%s has port %u in /etc/services: for another "
		    "one, type = UNLISTED was expected",
		    name, base, port);
}

/* Of a name xinetd takes the first address that it finds. */
static void
warn_of_addresses(struct unmade *draft, const struct place *place)
{
	size_t count = draft->service->nendpoints;
	struct addr addr;

	if (draft->bind != NULL && count > 1 && strcmp(draft->bind, "*") != 0 &&
	    addr_parse_host(draft->bind, 0, &addr) != 0)
		report_add(draft->loader.reports, REPORT_WARNING, place,
		    "%s has %zu addresses, and all are listened at: xinetd "
		    "takes the first",
		    draft->bind, count);
}

static void
finish_socket(struct unmade *draft)
{
	struct service *service = draft->service;
	const struct place *place = draft->places[PLACE_BIND];
	const char *base = "tcp";

	if (place == NULL)
		place = &draft->entry->place;
	finish_protocol(draft, &base);
	finish_family(draft);
	if (has_type(draft, TYPE_TCPMUX | TYPE_TCPMUXPLUS)) {
		finish_mux(draft);
		return;
	}
	if (has_type(draft, TYPE_RPC))
		finish_rpc(draft);
	else if (service->socktype != SOCK_RAW)
		finish_port(draft, base);
	if (has_type(draft, TYPE_RPC) || service->socktype == SOCK_RAW ||
	    service->port != 0)
		resolve_listen(&draft->loader, service,
		    draft->bind != NULL ?
			draft->bind :
			draft->loader.context->address,
		    place);
	warn_of_addresses(draft, place);
}

/* Command. */

static void
warn_of_sensor(struct unmade *draft)
{
	static const char *const rules[] = { "only_from", "no_access",
		"access_times" };
	const struct service *service = draft->service;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		warn_line(draft, rules[i],
		    "this has no effect with the flag "
		    "SENSOR: whoever connects sets it off");
	if (entry_line(draft->entry, xattribute_find("deny_time")) == NULL)
		warn(draft, "SENSOR: nobody is denied without deny_time");
	else if (service->socktype != SOCK_STREAM && service->deny_time != 0)
		warn_line(draft, "deny_time",
		    "senders of datagrams are not "
		    "denied, since anybody could name somebody else");
}

/* As in xinetd, whatever else the entry says that serves. */
static void
finish_sensor(struct unmade *draft)
{
	struct service *service = draft->service;

	service->internal = xstrdup("discard");
	if (resolve_internal(&draft->loader, service, service->internal) ==
	    NULL)
		fail(draft,
		    "flag SENSOR: socket type stream or dgram was expected");
	service->wait = false;
	warn_of_sensor(draft);
}

static void
finish_internal(struct unmade *draft)
{
	struct service *service = draft->service;
	const char *name = draft->entry->name;
	const char *internal = resolve_internal(&draft->loader, service, name);

	service->internal = xstrdup(internal != NULL ? internal : name);
	service->wait = false; /* means nothing: the loop answers */
	if (internal == NULL)
		fail(draft,
		    "there is no internal service %s for this socket type",
		    name);
	else if (resolve_page(service))
		warn(draft, "the page %s is served: xinetd 2.3.15 has none",
		    name);
}

/* xinetd knows NAMEINARGS only where it comes first. */
static void
warn_of_order(struct unmade *draft)
{
	const struct line *flags, *args;

	flags = entry_line(draft->entry, xattribute_find("flags"));
	args = entry_line(draft->entry, xattribute_find("server_args"));
	if (has_flag(draft, FLAG_NAMEINARGS) && args != NULL && args < flags)
		report_add(draft->loader.reports, REPORT_WARNING, &flags->place,
		    "NAMEINARGS stands behind server_args: "
		    "xinetd starts the server without a name");
}

static void
finish_argv(struct unmade *draft)
{
	struct command *command = &draft->service->command;
	const char *slash = strrchr(command->program, '/');

	warn_of_order(draft);
	if (!has_flag(draft, FLAG_NAMEINARGS))
		strings_add(&command->argv,
		    slash != NULL ? slash + 1 : command->program);
	for (size_t i = 0; draft->args != NULL && draft->args[i] != NULL; i++)
		strings_add(&command->argv, draft->args[i]);
	if (command->argv == NULL)
		fail(draft, "flag NAMEINARGS needs server_args");
}

static bool
is_number(const char *text)
{
	return text[0] != '\0' && strlen(text) <= ID_DIGITS &&
	    text[strspn(text, "0123456789")] == '\0';
}

/* A user given by number needs no entry in passwd(5), and has the same number
 * as its group. */
static void
take_numeric_user(struct unmade *draft)
{
	const struct load_context *context = draft->loader.context;
	struct command *command = &draft->service->command;
	unsigned long uid = strtoul(draft->user, NULL, 10), gid = uid;

	command->user = xstrdup(draft->user);
	if (draft->group != NULL) {
		command->group = xstrdup(draft->group);
		gid = strtoul(draft->group, NULL, 10);
		if (!is_number(draft->group) &&
		    names_group(context->names, draft->group, &command->gid) !=
			0)
			fail(draft, "unknown group %s", draft->group);
		else if (!is_number(draft->group))
			gid = command->gid;
	}
	command->uid = (uid_t)uid;
	command->gid = (gid_t)gid;
	if (context->unprivileged && command->uid != context->our_uid)
		fail(draft, "superd does not run as root and cannot become %s",
		    draft->user);
	command->change_user = !context->unprivileged;
}

static void
finish_user(struct unmade *draft)
{
	struct account account;

	if (is_number(draft->user) &&
	    (!draft->groups ||
		names_user(draft->loader.context->names, draft->user,
		    &account) != 0))
		take_numeric_user(draft);
	else {
		draft->service->command.own_group = draft->groups &&
		    draft->group != NULL;
		resolve_user(&draft->loader, draft->service, draft->user,
		    draft->group, draft->groups, draft->places[PLACE_USER]);
	}
}

static void
finish_program(struct unmade *draft)
{
	struct service *service = draft->service;
	struct command *command = &service->command;

	if (command->program == NULL || draft->user == NULL) {
		fail(draft, "attribute %s is missing",
		    command->program == NULL ? "server" : "user");
		return;
	}
	finish_argv(draft);
	finish_user(draft);
	command->env_all = !command->passenv_set;
	command->env_remote_host = true;
}

static void
finish_command(struct unmade *draft)
{
	struct service *service = draft->service;

	if (!draft->wait_set)
		fail(draft, "attribute wait is missing");
	if (service->sensor) {
		finish_sensor(draft);
	} else if (has_type(draft, TYPE_INTERNAL)) {
		finish_internal(draft);
	} else if (service->redirect.host == NULL) {
		finish_program(draft);
	} else if (service->wait || service->socktype != SOCK_STREAM)
		fail(draft,
		    "only stream services with wait = no can be redirected");
}

/* Rules. */

/* Where one socket serves both families, an IPv4 client has an address of
 * IPv6 for xinetd, ::ffff:a.b.c.d: ::/0 is everybody. */
static void
add_mapped(struct unmade *draft, char ***list, const char *name)
{
	for (size_t i = 0; *list != NULL && (*list)[i] != NULL; i++)
		if (access_covers_mapped((*list)[i])) {
			warn(draft, "%s: IPv4 clients are in %s, too", name,
			    (*list)[i]);
			strings_add(list, "0.0.0.0/0");
			return;
		}
}

/* On a socket of IPv4 alone there are no such addresses. */
static void
finish_mapped(struct unmade *draft)
{
	struct access *access = &draft->service->access;

	if (draft->service->family == FAMILY_INET)
		return;
	add_mapped(draft, &access->no_access, "no_access");
	add_mapped(draft, &access->only_from, "only_from");
}

/* hosts_access(5) is asked unless a flag says no.  Internal services go by
 * their own name.  That nobody can be asked at all is told once. */
static void
finish_libwrap(struct unmade *draft)
{
	const struct load_context *context = draft->loader.context;
	struct service *service = draft->service;
	struct access *access = &service->access;
	struct rules rules;

	if (has_flag(draft, FLAG_NOLIBWRAP) || service->sensor ||
	    (!context->have_libwrap && !context->hosts_refuse &&
		draft->xinetd->told_libwrap))
		return;
	rules_libwrap(rules_of(draft, &rules), ASKED_BY_HABIT);
	if (access->libwrap && access->libwrap_name == NULL &&
	    service->command.program == NULL)
		access->libwrap_name = xstrdup(draft->entry->name);
	draft->xinetd->told_libwrap |= !context->have_libwrap;
}

/* What xinetd refuses to everybody is not opened by a better match. */
static void
finish_shut(struct unmade *draft, const struct place *place)
{
	char *opened;
	const char *shut = access_shut(&draft->service->access, &opened);

	if (shut != NULL)
		report_add(draft->loader.reports, REPORT_WARNING, place,
		    "only_from %s lets nobody in: no_access %s keeps "
		    "everybody out, as with xinetd",
		    opened, shut);
	free(opened);
}

static void
finish_access(struct unmade *draft)
{
	struct service *service = draft->service;
	const struct place *place = draft->places[PLACE_ACCESS];

	if (place == NULL)
		place = &draft->entry->place;
	finish_mapped(draft);
	finish_shut(draft, place);
	if (access_compile(&service->access, place, draft->loader.reports) != 0)
		service->unservable = true;
	finish_libwrap(draft);
}

/* Who the user of a client is. */
static void
finish_users(struct unmade *draft)
{
	static const char why[] =
	    "the user of a client is known of stream "
	    "services with wait = no, other than the ident service";
	const struct service *service = draft->service;

	if (service_knows_user(service)) {
		if (service->idonly && !(service->log_on_success & LOGS_USERID))
			warn_line(draft, "flags",
			    "IDONLY holds without "
			    "USERID in log_on_success, too: xinetd lets "
			    "everybody in");
		return;
	}
	if (service->idonly)
		fail(draft, "flag IDONLY: %s", why);
	if (service->log_on_success & LOGS_USERID)
		warn_line(draft, "log_on_success", why);
	if (service->log_on_failure & LOGS_USERID)
		warn_line(draft, "log_on_failure", why);
}

static void
finish_rules(struct unmade *draft)
{
	struct service *service = draft->service;
	struct limits *limits = &service->limits;
	struct rules rules;

	limits->excess = EXCESS_REFUSE;
	if (limits->rate.count == LIMIT_UNSET) {
		limits->rate.count = CPS;
		limits->rate.seconds = 1;
		limits->max_pause = CPS_PAUSE;
	}
	finish_access(draft);
	finish_users(draft);
	if (!service->sensor && service->deny_time != 0)
		warn_line(draft, "deny_time",
		    "this has no effect without the flag SENSOR");
	rules_check(rules_of(draft, &rules));
}

/* All together. */

/* A disabled entry is read as far as it goes: nobody wants to hear about
 * it. */
static void
make_service(struct xinetd *xinetd, const struct entry *entry, bool disabled)
{
	struct service *service = service_new();
	struct unmade draft = { .xinetd = xinetd,
		.entry = entry,
		.loader = *xinetd->loader,
		.service = service };
	struct reports unheard;
	char ***kept;

	reports_init(&unheard);
	reports_next_subject(xinetd->loader->reports);
	if (disabled)
		draft.loader.reports = &unheard;
	service->dialect = DIALECT_XINETD;
	service->place = entry->place;
	service->name = xstrdup(entry->name);
	service->unservable = entry->broken || xinetd->defaults.broken;
	service->disabled = disabled;
	draft_set(&draft, &kept);
	if (service->id == NULL)
		service->id = xstrdup(entry->id);
	/* a line that could not be read is missed here, and told already */
	if (entry->broken)
		draft.loader.reports = &unheard;
	finish_socket(&draft);
	finish_command(&draft);
	finish_rules(&draft);
	if (disabled)
		service->unservable = service->retry = false;
	draft_free_kept(kept);
	reports_free(&unheard);
	reports_no_subject(xinetd->loader->reports);
	conf_add(xinetd->loader->conf, service);
}

/* Once, and not for each service that they are meant for. */
static void
check_defaults(struct xinetd *xinetd)
{
	struct unmade draft = { .xinetd = xinetd,
		.entry = &xinetd->defaults,
		.loader = *xinetd->loader,
		.service = service_new(),
		.defaults_only = true };
	char ***kept;

	draft_set(&draft, &kept);
	draft_free_kept(kept);
	service_free(draft.service);
}

void
xinetd_make_services(struct xinetd *xinetd)
{
	char **enabled, **disabled;
	size_t from = xinetd->loader->conf->count;

	for (size_t i = 0; i < xinetd->count; i++)
		xinetd->entries[i].id = xinetd_entry_id(&xinetd->entries[i]);
	check_defaults(xinetd);
	enabled = xinetd_switch_list(xinetd, "enabled");
	disabled = xinetd_switch_list(xinetd, "disabled");
	for (size_t i = 0; i < xinetd->count; i++)
		make_service(xinetd, &xinetd->entries[i],
		    xinetd_is_disabled(&xinetd->entries[i], enabled, disabled));
	xinetd_make_ids_differ(xinetd->loader, from);
	strings_free(enabled);
	strings_free(disabled);
}
