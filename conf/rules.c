/*
 * What goes together in one service.  The dialects differ in how they say
 * it, and in little else: struct manner has the words.
 */
#include "conf/rules.h"

#include <netinet/in.h>

#include <stdlib.h>

#include "conf/access.h"
#include "conf/box.h"
#include "conf/copy.h"
#include "conf/filter.h"
#include "conf/manner.h"
#include "conf/multicast.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/socket_options.h"
#include "conf/xalloc.h"

/* Sockets. */

static bool
goes_together(const struct service *service)
{
	int type = service->socktype;

	if (service->family == FAMILY_UNIX)
		return type != SOCK_RAW;
	switch (service->protocol) {
	case IPPROTO_TCP:
		return type == SOCK_STREAM;
	case IPPROTO_UDP:
		return type == SOCK_DGRAM;
	case IPPROTO_SCTP:
		return type == SOCK_STREAM || type == SOCK_SEQPACKET;
	default:
		return type == SOCK_RAW;
	}
}

void
rules_socket(struct build *build)
{
	struct service *service = build->service;

	if (service->socktype == SOCK_RDM)
		build_fail(build, false, place_of(build, OPTION_SOCKET_TYPE),
		    "socket type rdm: Linux has it only for RDS and TIPC; "
		    "expected stream, dgram, seqpacket or raw");
	else if (service->socktype >= 0 && !goes_together(service))
		build_fail(build, false, place_of(build, OPTION_SOCKET_TYPE),
		    "socket type %s does not go with protocol %s",
		    resolve_socktype_name(service->socktype), service->proto);
}

/* Wait. */

static bool
is_connected(const struct service *service)
{
	return service->socktype == SOCK_STREAM ||
	    service->socktype == SOCK_SEQPACKET;
}

static void
check_nowait(struct build *build)
{
	struct service *service = build->service;

	if (service->command.program == NULL || service->wait ||
	    service->socktype < 0 || is_connected(service))
		return;
	build_fail(build, false, place_of(build, OPTION_WAIT),
	    "%s does not go with socket type %s: each datagram would start "
	    "servers endlessly; expected %s",
	    build->manner->nowait, resolve_socktype_name(service->socktype),
	    build->manner->wait);
}

/* Of an entry's own, an error; of defaults, which others share, a warning. */
static void
refuse_limit(struct build *build, enum option_id about, unsigned *limit)
{
	static const char why[] =
	    "per-address limits do not go with %s: the server accepts its "
	    "connections itself%s";
	const struct place *place = place_of(build, about);

	if (!is_limit(*limit))
		return;
	if (says_itself(build, about))
		build_fail(build, false, place, why, build->manner->wait, "");
	else
		build_warn(build, place, why, build->manner->wait,
		    "; it is served without them");
	*limit = LIMIT_NONE;
}

/* The sender of a datagram is known before its server starts; of a
 * connection that the server accepts, never. */
static void
check_wait(struct build *build)
{
	struct limits *limits = &build->service->limits;

	if (!build->service->wait)
		return;
	if (service_accepts_itself(build->service)) {
		refuse_limit(build, OPTION_PER_SOURCE, &limits->per_source);
		refuse_limit(build, OPTION_SOURCE_RATE,
		    &limits->source_rate.count);
	}
	if (is_limit(limits->instances) && limits->instances > 1 &&
	    says_itself(build, OPTION_INSTANCES))
		build_warn(build, place_of(build, OPTION_INSTANCES),
		    "a wait service has only one child at a time, not %u",
		    limits->instances);
}

void
rules_inherited(struct reports *reports, const struct service *service,
    struct limits *inherited)
{
	const struct limits *own = &service->limits;
	unsigned *rate = &inherited->source_rate.count;

	if (!service_accepts_itself(service))
		return;
	if (!service->disabled &&
	    ((own->per_source == LIMIT_UNSET &&
		 is_limit(inherited->per_source)) ||
		(own->source_rate.count == LIMIT_UNSET && is_limit(*rate))))
		report_add(reports, REPORT_WARNING, &service->place,
		    "the per-address limits for all services do not apply "
		    "to %s: its server accepts its connections itself",
		    service->id);
	inherited->per_source = *rate = LIMIT_NONE;
}

/* Groups. */

static bool
is_bound_to_group(const struct service *service)
{
	for (size_t i = 0; i < service->nendpoints; i++)
		if (addr_is_multicast(&service->endpoints[i].addr))
			return true;
	return false;
}

/* Would a datagram for this group come to one of its sockets? */
static bool
gets_datagrams(const struct service *service, const char *text)
{
	struct membership membership;

	if (membership_parse(text, &membership) != 0)
		return true; /* reported */
	for (size_t i = 0; i < service->nendpoints; i++)
		if (membership_fits(&membership, &service->endpoints[i]))
			return true;
	return service->nendpoints == 0;
}

static void
check_groups(struct build *build)
{
	struct service *service = build->service;
	const struct place *place = place_of_either(build, OPTION_MULTICAST,
	    OPTION_BIND);
	char **groups = service->multicast;

	if ((is_connected(service) || service->family == FAMILY_UNIX) &&
	    (groups != NULL || is_bound_to_group(service)))
		build_fail(build, false, place,
		    "only datagrams are sent to a multicast group: expected "
		    "socket type dgram or raw");
	else
		for (; groups != NULL && *groups != NULL; groups++)
			if (!gets_datagrams(service, *groups))
				build_fail(build, false, place,
				    "multicast %s: none of these sockets "
				    "receives its datagrams; expected one "
				    "for all addresses or for the group",
				    *groups);
}

/* Of an entry's own, an error; of defaults, nothing is said: they are for those
 * that can have them. */
static void
check_options(struct build *build)
{
	struct service *service = build->service;

	for (size_t i = service->noptions; i-- > 0;) {
		enum option_id id = service->options[i].option;
		const char *wants = socket_option_wants(&service->options[i],
		    service);

		if (*wants == '\0')
			continue;
		if (says_itself(build, id))
			build_fail(build, false, place_of(build, id),
			    "%s does not go with this socket: expected %s",
			    attributes[id].name, wants);
		socket_option_remove(service, i);
	}
}

/* Access. */

static void
check_access(struct build *build)
{
	const struct access *access = &build->service->access;
	const struct place *place = place_of_either(build, OPTION_ONLY_FROM,
	    OPTION_NO_ACCESS);
	const char *narrow = access_tied(access), *wide;
	const char *why = filter_impossible(build->service);

	if (why != NULL)
		build_fail(build, false, place,
		    "only_from and no_access cannot be honoured with %s: %s",
		    build->manner->wait, why);
	if (narrow != NULL)
		build_warn(build, place,
		    "%s is in both only_from and no_access: it is refused",
		    narrow);
	if (!build->manner->as_xinetd)
		return;
	narrow = access_overruled(access, &wide);
	if (narrow != NULL)
		build_warn(build, place,
		    "only_from %s matches more closely and lets clients in: "
		    "xinetd refuses them because of no_access %s",
		    narrow, wide);
}

/* superd asks in a child, which internal datagram services do not have. */
static const char *
why_not_asked(struct build *build)
{
	const struct service *service = build->service;

	if (service->family == FAMILY_UNIX)
		return "for clients of a unix socket";
	if (service_accepts_itself(service))
		return "where the server accepts connections itself";
	if (service->internal != NULL && service->socktype != SOCK_STREAM)
		return "for datagrams of internal services";
	if (!build->loader->context->have_libwrap)
		return "by a superd built without libwrap";
	return NULL;
}

/* Is it enough to say that nobody is asked?  Options are meant for those whom
 * somebody can be asked about. */
static bool
may_go_unasked(struct build *build, enum asked_by by)
{
	return by == ASKED_BY_HABIT ||
	    (by == ASKED_BY_OPTION && service_accepts_itself(build->service));
}

/* Whom the rules of this host may refuse, xinetd's entry does not let in
 * unasked.  No option of an inetd was ever meant for a server that accepts
 * connections: it may ask for itself. */
static void
libwrap_unasked(struct build *build, enum asked_by by, const char *where)
{
	const struct place *place = place_of(build, OPTION_LIBWRAP);

	if (by == ASKED_BY_HABIT && build->loader->context->hosts_refuse)
		build_fail(build, false, place,
		    "hosts.allow and hosts.deny have rules that refuse, but "
		    "cannot be consulted %s%s",
		    where, build->manner->meant);
	else
		build_warn(build, place,
		    "hosts.allow and hosts.deny are not consulted %s%s", where,
		    build->manner->meant);
}

void
rules_libwrap(struct build *build, enum asked_by by)
{
	struct service *service = build->service;
	const char *where = why_not_asked(build);

	/* of a unix socket's clients there is nothing to ask */
	if (service->family == FAMILY_UNIX && by != ASKED_BY_ENTRY)
		return;
	service->access.libwrap = where == NULL;
	if (where != NULL && may_go_unasked(build, by))
		libwrap_unasked(build, by, where);
	else if (where != NULL)
		build_fail(build, false, place_of(build, OPTION_LIBWRAP),
		    "hosts.allow and hosts.deny cannot be consulted %s", where);
}

/* What else an entry says in vain. */

/* Those who accept nothing send nothing. */
static void
check_banners(struct build *build)
{
	const struct service *service = build->service;
	const struct {
		enum option_id about;
		const char *path;
	} banners[] = {
		{ OPTION_BANNER, service->banner },
		{ OPTION_BANNER_SUCCESS, service->banner_success },
		{ OPTION_BANNER_FAIL, service->banner_fail },
	};

	if (!service->wait && service->socktype == SOCK_STREAM)
		return;
	for (size_t i = 0; i < sizeof(banners) / sizeof(banners[0]); i++)
		if (banners[i].path != NULL)
			build_warn(build, place_of(build, banners[i].about),
			    "only stream services with wait = no send "
			    "banners");
}

/* superd sees what passes through itself. */
static void
check_traffic(struct build *build)
{
	const struct service *service = build->service;

	if ((service->log_on_success & LOGS_TRAFFIC) == 0 ||
	    service->redirect.host != NULL)
		return;
	if (build->manner->as_xinetd)
		build_warn(build, place_of(build, OPTION_LOG_ON_SUCCESS),
		    "TRAFFIC is available only for redirected services: "
		    "xinetd does not serve this entry");
	else if (service->command.program != NULL)
		build_warn(build, place_of(build, OPTION_LOG_ON_SUCCESS),
		    "TRAFFIC is available only for redirected and internal "
		    "services");
}

/* Every program has one anyway. */
static void
check_process(struct build *build)
{
	const struct service *service = build->service;

	if (service->process == PROCESS_OWN && service->internal == NULL &&
	    service->redirect.host == NULL)
		build_fail(build, false, place_of(build, OPTION_PROCESS),
		    "process = own is available only for internal and "
		    "redirected services");
}

/* Its descriptors 0 to 2 are no sockets then. */
static void
check_listen_fds(struct build *build)
{
	struct command *command = &build->service->command;

	if (!command->listen_fds)
		return;
	if (command->program == NULL || !build->service->wait)
		build_fail(build, false, place_of(build, OPTION_LISTEN_FDS),
		    "listen_fds goes with a server and wait = yes only");
	else if (command->stderr_to != STDERR_SOCKET)
		return;
	else if (says_itself(build, OPTION_STDERR))
		build_fail(build, false, place_of(build, OPTION_STDERR),
		    "stderr = socket does not go with listen_fds: expected "
		    "log or null");
	command->stderr_to = STDERR_LOG;
}

/* What has no process of its own has no box. */
static bool
asks_for_box(const struct build *build, enum option_id *about)
{
	for (unsigned i = 0; i < OPTIONS; i++)
		if (attributes[i].in_box != NOWHERE &&
		    says_itself(build, (enum option_id)i)) {
			*about = (enum option_id)i;
			return true;
		}
	return false;
}

static void
check_box(struct build *build)
{
	struct command *command = &build->service->command;
	const struct box *box = command->box;
	enum option_id about = OPTION_BOX_FALLBACK;

	if (box == NULL)
		return;
	if (command->program == NULL) {
		if (asks_for_box(build, &about))
			build_fail(build, false, place_of(build, about),
			    "%s goes with a server only", option_name(about));
		box_free(command->box);
		command->box = NULL;
	} else if (command->listen_fds && box->private_pid)
		build_fail(build, false, place_of(build, OPTION_LISTEN_FDS),
		    "listen_fds does not go with private_pid: the server "
		    "would not know its own pid");
	else if (box->tmp_size != 0 && !box->private_tmp &&
	    says_itself(build, OPTION_TMP_SIZE))
		build_warn(build, place_of(build, OPTION_TMP_SIZE),
		    "tmp_size has no effect without private_tmp = yes");
}

/* Who has no server is cut off, and does not ignore it. */
static void
check_ending(struct build *build)
{
	struct service *service = build->service;

	if (service->command.program == NULL) {
		if (says_itself(build, OPTION_KILL_AFTER))
			build_fail(build, false,
			    place_of(build, OPTION_KILL_AFTER),
			    "kill_after goes with a server only");
		service->command.kill_after = KILL_AFTER;
	}
	if (service->internal != NULL && service->socktype == SOCK_DGRAM &&
	    says_itself(build, OPTION_TIME_LIMIT))
		build_warn(build, place_of(build, OPTION_TIME_LIMIT),
		    "time_limit has no effect: datagrams are answered at "
		    "once");
}

void
rules_check(struct build *build)
{
	check_nowait(build);
	check_wait(build);
	check_groups(build);
	check_options(build);
	check_access(build);
	check_banners(build);
	check_traffic(build);
	check_process(build);
	check_listen_fds(build);
	check_box(build);
	check_ending(build);
}
