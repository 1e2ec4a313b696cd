/*
 * What the options of one section mean together: what serves it, as whom, and
 * whom.  Names are resolved by resolve.c.
 */
#include "conf/make_own.h"

#include <string.h>
#include <strings.h>

#include "conf/access.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/units.h"

/* What serves it. */

static void
complete_internal(struct build *build)
{
	struct service *service = build->service;
	const char *wanted = value(build, OPTION_INTERNAL), *found;
	enum option_id id = wanted != NULL ? OPTION_INTERNAL : OPTION_TYPE;

	if (wanted == NULL)
		wanted = service->name;
	found = resolve_internal(build, wanted);
	set_text(&service->internal, found != NULL ? found : wanted);
	if (found == NULL)
		build_fail(build, false, place_of(build, id),
		    "no internal service %s for this socket type", wanted);
	service->wait = false; /* means nothing: superd answers itself */
}

/* xinetd starts none, whatever the entry says. */
static void
refuse_servers(struct build *build)
{
	static const enum option_id ids[] = { OPTION_INTERNAL, OPTION_REDIRECT,
		OPTION_SERVER };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (!setting(build, ids[i])->set)
			continue;
		else if (build->manner->as_xinetd)
			build_warn(build, place_of(build, ids[i]),
			    "%s has no effect with flag SENSOR",
			    option_name(ids[i]));
		else {
			build_fail(build, false, place_of(build, OPTION_FLAGS),
			    "flag SENSOR takes no server, internal or "
			    "redirect");
			return;
		}
}

/* Nobody is served by it, whatever the socket. */
static void
complete_sensor(struct build *build)
{
	struct service *service = build->service;

	refuse_servers(build);
	set_text(&service->internal, "discard");
	if (service->socktype >= 0 &&
	    resolve_internal(build, service->internal) == NULL)
		build_fail(build, false, place_of(build, OPTION_FLAGS),
		    "SENSOR: expected a stream or dgram service");
	service->wait = false;
}

static void
complete_redirect(struct build *build)
{
	const struct setting *to = setting(build, OPTION_REDIRECT);
	struct service *service = build->service;

	set_text(&service->redirect.host, to->values[0].text);
	set_text(&service->redirect.port, to->values[1].text);
	if (strcmp(to->values[1].text, "0") == 0)
		build_refuse(build, &to->values[1].place,
		    "redirect: expected a port from 1 to 65535 or its name");
	else
		resolve_redirect(build, &to->values[0].place);
	if (service->wait || service->socktype != SOCK_STREAM)
		build_fail(build, false, &to->place,
		    "only stream services with wait = no can be redirected");
}

static void
complete_argv(struct build *build)
{
	const struct setting *args = setting(build, OPTION_SERVER_ARGS);
	struct command *command = &build->service->command;
	const char *slash = strrchr(command->program, '/');

	if (!(build->flags & FLAG_NAMEINARGS))
		strings_add(&command->argv,
		    slash != NULL ? slash + 1 : command->program);
	else if (args->count == 0 && !build->service->disabled)
		build_refuse(build, place_of(build, OPTION_FLAGS),
		    "flag NAMEINARGS needs server_args");
	for (size_t i = 0; i < args->count; i++)
		strings_add(&command->argv, args->values[i].text);
}

/* Busybox runs what it finds in PATH. */
static void
find_program(struct build *build)
{
	static const char *const names[] = { "internal", NULL };
	struct service *service = build->service;
	const char *text = value(build, OPTION_SERVER);
	const struct place *place = place_of(build, OPTION_SERVER);

	if (!build->manner->searches_path || strchr(text, '/') != NULL) {
		resolve_program(build, text, place);
		return;
	}
	if (resolve_named_program(build, text, place))
		return;
	set_text(&service->command.program, text);
	if (report_nearest(text, names) != NULL)
		build_unknown(build, OPTION_SERVER, "program", text, names);
	else /* it may come later */
		build_fail(build, true, place,
		    "program %s is not in %s: expected an absolute path", text,
		    CHILD_PATH);
}

static void
complete_program(struct build *build)
{
	struct service *service = build->service;
	struct command *command = &service->command;

	find_program(build);
	complete_argv(build);
	if (!setting(build, OPTION_ENV_ALL)->set)
		command->env_all = build->manner->pass_all ?
		    !command->passenv_set :
		    build->loader->context->env_keep;
	command->env_remote_host |= build->manner->name_host;
}

static void
complete_server(struct build *build)
{
	bool internal = setting(build, OPTION_INTERNAL)->set ||
	    (build->type & TYPE_INTERNAL) != 0;
	bool redirect = setting(build, OPTION_REDIRECT)->set;
	bool server = setting(build, OPTION_SERVER)->set;
	struct service *service = build->service;

	if (service->sensor)
		complete_sensor(build);
	else if (internal + redirect + server > 1 && !build->manner->as_xinetd)
		build_refuse(build, &service->place,
		    "server, internal and redirect are mutually exclusive");
	else if (internal)
		complete_internal(build);
	else if (redirect)
		complete_redirect(build);
	else if (server)
		complete_program(build);
	else
		build_lacks(build, "no server, internal or redirect");
}

/* "all": with the user's own group, where "group" names another. */
static bool
wants_groups(struct build *build)
{
	const char *text = value(build, OPTION_GROUPS);
	bool all = text != NULL && strcasecmp(text, "all") == 0;
	bool yes = all || build->manner->groups;

	build->service->command.own_group = all &&
	    value(build, OPTION_GROUP) != NULL;
	if (text != NULL && !all && parse_bool(text, &yes) != 0)
		build_refuse(build, place_of(build, OPTION_GROUPS),
		    "groups %s: expected yes, no or all", text);
	return yes;
}

/* "user.group", unless a user has that name. */
static char *
split_user(const struct build *build, const char *user, const char **group)
{
	struct names *names = build->loader->context->names;
	const char *dot = strchr(user, '.');
	struct account account;

	if (!build->manner->dotted_user || *group != NULL || dot == NULL ||
	    dot == user || dot[1] == '\0' ||
	    names_user(names, user, &account) == 0)
		return xstrdup(user);
	*group = dot + 1;
	return xstrndup(user, (size_t)(dot - user));
}

/* Whoever the client is. */
static bool
is_peer(const struct build *build, const char *user)
{
	return build->service->dialect == DIALECT_SUPERD && user != NULL &&
	    strcmp(user, "@peer") == 0;
}

static void
complete_user(struct build *build)
{
	struct service *service = build->service;
	const char *user = value(build, OPTION_USER);
	const char *group = value(build, OPTION_GROUP);
	bool groups = wants_groups(build);

	if (build->manner->as_xinetd &&
	    (service->command.program == NULL ||
		xinetd_user(build, user, group, groups)))
		return;
	if (is_peer(build, user)) {
		set_text(&service->command.user, user);
		service->command.as_peer = service->command.program != NULL;
	} else if (user != NULL) {
		char *name = split_user(build, user, &group);

		resolve_user(build, name, group, groups,
		    place_of(build, OPTION_USER));
		free(name);
	} else if (says_itself(build, OPTION_GROUP))
		build_refuse(build, place_of(build, OPTION_GROUP),
		    "group needs user");
	else if (service->command.program != NULL)
		build_lacks(build, "user is missing");
}

/* Rules. */

/* A unix socket has nobody to ask for, and a sensor lets nobody in: defaults
 * that ask for everybody are not meant for them. */
static bool
is_left_out(const struct build *build)
{
	return !says_itself(build, OPTION_LIBWRAP) &&
	    (build->service->family == FAMILY_UNIX ||
		(build->service->sensor &&
		    (build->manner->libwrap ||
			build->service->socktype != SOCK_STREAM)));
}

/* -w, and -W for what superd answers itself. */
static bool
option_asks(const struct build *build)
{
	const struct load_context *context = build->loader->context;
	const struct service *service = build->service;

	if (service->internal == NULL)
		return context->libwrap && service->command.program != NULL;
	return context->libwrap_internal && !service->sensor;
}

/* What the section and its defaults say, or the command line. */
static bool
wants_libwrap(struct build *build)
{
	struct service *service = build->service;
	const char *text = value(build, OPTION_LIBWRAP);
	bool own = says_itself(build, OPTION_LIBWRAP);
	bool wanted = build->manner->libwrap || option_asks(build);

	if (text != NULL && parse_bool(text, &wanted) != 0) {
		/* xinetd's: the name for hosts_access(5) */
		set_text(&service->access.libwrap_name, text);
		wanted = true;
	}
	if (!(build->flags & FLAG_NOLIBWRAP) || !wanted)
		return wanted;
	if (own && says_itself(build, OPTION_FLAGS))
		build_refuse(build, place_of(build, OPTION_LIBWRAP),
		    "libwrap and flag NOLIBWRAP are mutually exclusive");
	return own;
}

static enum asked_by
who_asks(const struct build *build)
{
	if (build->manner->libwrap)
		return ASKED_BY_HABIT;
	return value(build, OPTION_LIBWRAP) != NULL ?
	    ASKED_BY_ENTRY :
	    ASKED_BY_OPTION;
}

/* That nobody can be asked at all is told once. */
static bool
is_told(const struct build *build)
{
	const struct load_context *context = build->loader->context;

	return build->manner->libwrap && !context->have_libwrap &&
	    !context->hosts_refuse && build->loader->told_libwrap;
}

/* Internal services go by their own name. */
static void
complete_libwrap(struct build *build)
{
	struct service *service = build->service;
	struct access *access = &service->access;

	if (!wants_libwrap(build) || is_left_out(build) || is_told(build))
		return;
	rules_libwrap(build, who_asks(build));
	build->loader->told_libwrap |= !build->loader->context->have_libwrap;
	if (build->manner->libwrap && access->libwrap &&
	    access->libwrap_name == NULL && service->command.program == NULL)
		access->libwrap_name = xstrdup(service->name);
}

static void
complete_access(struct build *build)
{
	struct service *service = build->service;
	struct access *access = &service->access;

	resolve_page(service);
	if (build->manner->as_xinetd)
		xinetd_access(build);
	if (access_compile(access,
		place_of_either(build, OPTION_ONLY_FROM, OPTION_NO_ACCESS),
		build->loader->reports) != 0)
		service->unservable = true;
}

static void
warn_of_rules(struct build *build)
{
	static const enum option_id rules[] = { OPTION_ONLY_FROM,
		OPTION_NO_ACCESS, OPTION_ACCESS_TIMES, OPTION_LIBWRAP };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (says_itself(build, rules[i]))
			build_warn(build, place_of(build, rules[i]),
			    "%s has no effect with flag SENSOR: any client "
			    "sets it off",
			    option_name(rules[i]));
}

static void
complete_deny_time(struct build *build)
{
	bool set = setting(build, OPTION_DENY_TIME)->set;

	if (build->service->sensor)
		warn_of_rules(build);
	if (!build->service->sensor) {
		if (says_itself(build, OPTION_DENY_TIME) &&
		    build->service->deny_time != 0)
			build_warn(build, place_of(build, OPTION_DENY_TIME),
			    "deny_time has no effect without flag SENSOR");
	} else if (!set)
		build_warn(build, place_of(build, OPTION_FLAGS),
		    "SENSOR: nobody is denied without deny_time");
	else if (build->service->socktype != SOCK_STREAM &&
	    build->service->deny_time != 0)
		build_warn(build, place_of(build, OPTION_DENY_TIME),
		    "deny_time: senders of datagrams are not denied, since "
		    "their addresses can be forged");
}

/* Who the user of a client is. */
static void
complete_user_log(struct build *build)
{
	static const enum option_id ids[] = { OPTION_LOG_ON_SUCCESS,
		OPTION_LOG_ON_FAILURE };
	struct service *service = build->service;
	const unsigned flags[] = { service->log_on_success,
		service->log_on_failure };

	if (service_knows_user(service))
		return;
	if (service->idonly)
		build_fail(build, false, place_of(build, OPTION_FLAGS),
		    "IDONLY: the client's user can be looked up only for "
		    "TCP services with wait = no, other than the ident "
		    "service");
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if ((flags[i] & LOGS_USERID) && says_itself(build, ids[i]))
			build_warn(build, place_of(build, ids[i]),
			    "USERID: the client's user cannot be looked up "
			    "for this kind of service");
}

static void
complete_limits(struct build *build)
{
	const struct manner *manner = build->manner;
	struct limits *limits = &build->service->limits;

	if (says_itself(build, OPTION_CPS) && says_itself(build, OPTION_RATE))
		build_refuse(build, place_of(build, OPTION_CPS),
		    "cps and rate are mutually exclusive");
	if (!setting(build, OPTION_EXCESS)->set)
		limits->excess = manner->excess;
	if (limits->rate.count != LIMIT_UNSET ||
	    manner->rate.count == LIMIT_UNSET)
		return;
	limits->rate = manner->rate;
	limits->max_pause = manner->max_pause;
}

void
make_server(struct build *build)
{
	complete_server(build);
	complete_user(build);
	complete_libwrap(build);
	complete_access(build);
	complete_deny_time(build);
	complete_user_log(build);
	complete_limits(build);
}

void
server_defaults(struct build *build)
{
	wants_groups(build);
	complete_limits(build);
}
