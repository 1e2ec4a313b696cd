/*
 * What goes together in one service.  The dialects differ in how they say
 * it, and in little else: struct manner has the words.
 */
#include "conf/rules.h"

#include <netinet/in.h>

#include <stdlib.h>

#include "conf/access.h"
#include "conf/filter.h"
#include "conf/manner.h"
#include "conf/multicast.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/xalloc.h"

static const struct manner *
manner(const struct rules *rules)
{
	return manner_of(rules->service->dialect);
}

static const struct place *
place_of(const struct rules *rules, enum option_id about)
{
	return rules->said(rules->entry, about).place;
}

static bool
says_itself(const struct rules *rules, enum option_id about)
{
	return rules->said(rules->entry, about).own;
}

static void
warn(const struct rules *rules, enum option_id about, const char *text)
{
	report_add(rules->loader->reports, REPORT_WARNING,
	    place_of(rules, about), "%s", text);
}

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
rules_socket(const struct rules *rules)
{
	struct service *service = rules->service;

	if (service->socktype == SOCK_RDM)
		resolve_failed(rules->loader, service, false,
		    place_of(rules, OPTION_SOCKET_TYPE),
		    "socket type rdm: Linux has it for RDS and TIPC only; "
		    "stream, dgram, seqpacket or raw was expected");
	else if (service->socktype >= 0 && !goes_together(service))
		resolve_failed(rules->loader, service, false,
		    place_of(rules, OPTION_SOCKET_TYPE),
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
check_nowait(const struct rules *rules)
{
	struct service *service = rules->service;

	if (service->command.program == NULL || service->wait ||
	    service->socktype < 0 || is_connected(service))
		return;
	resolve_failed(rules->loader, service, false,
	    place_of(rules, OPTION_WAIT),
	    "%s does not go with socket type "
	    "%s: each datagram would start servers without end; %s was "
	    "expected",
	    manner(rules)->nowait, resolve_socktype_name(service->socktype),
	    manner(rules)->wait);
}

static bool
is_limit(unsigned count)
{
	return count != LIMIT_UNSET && count != LIMIT_NONE;
}

/* Of an entry's own, an error; of defaults, which others share, a warning. */
static void
refuse_limit(const struct rules *rules, enum option_id about, unsigned *limit)
{
	static const char why[] =
	    "limits for one address do not go with "
	    "%s: the server accepts its connections itself%s";
	const struct place *place = place_of(rules, about);

	if (!is_limit(*limit))
		return;
	if (says_itself(rules, about))
		resolve_failed(rules->loader, rules->service, false, place, why,
		    manner(rules)->wait, "");
	else
		report_add(rules->loader->reports, REPORT_WARNING, place, why,
		    manner(rules)->wait, ", and is served without");
	*limit = LIMIT_NONE;
}

/* The sender of a datagram is known before its server starts; of a
 * connection that the server accepts, never. */
static void
check_wait(const struct rules *rules)
{
	struct limits *limits = &rules->service->limits;

	if (!rules->service->wait)
		return;
	if (service_accepts_itself(rules->service)) {
		refuse_limit(rules, OPTION_PER_SOURCE, &limits->per_source);
		refuse_limit(rules, OPTION_SOURCE_RATE,
		    &limits->source_rate.count);
	}
	if (is_limit(limits->instances) && limits->instances > 1 &&
	    says_itself(rules, OPTION_INSTANCES))
		report_add(rules->loader->reports, REPORT_WARNING,
		    place_of(rules, OPTION_INSTANCES),
		    "a wait service has one child at a time, not %u",
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
		    "the limits for one address that hold for all services "
		    "do not hold for %s: its server accepts its connections "
		    "itself",
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
check_groups(const struct rules *rules)
{
	struct service *service = rules->service;
	const struct place *place = place_of(rules, OPTION_MULTICAST);
	char **groups = service->multicast;

	if ((is_connected(service) || service->family == FAMILY_UNIX) &&
	    (groups != NULL || is_bound_to_group(service)))
		resolve_failed(rules->loader, service, false, place,
		    "only datagrams are sent to a multicast group: socket "
		    "type dgram or raw was expected");
	else
		for (; groups != NULL && *groups != NULL; groups++)
			if (!gets_datagrams(service, *groups))
				resolve_failed(rules->loader, service, false,
				    place,
				    "multicast %s: its datagrams come "
				    "to none of these sockets; one for all "
				    "addresses or for the group was expected",
				    *groups);
}

/* Access. */

static void
check_access(const struct rules *rules)
{
	const struct access *access = &rules->service->access;
	const struct place *place = place_of(rules, OPTION_ONLY_FROM);
	const char *narrow = access_tied(access), *wide;
	const char *why = filter_impossible(rules->service);

	if (why != NULL)
		resolve_failed(rules->loader, rules->service, false, place,
		    "only_from and no_access cannot be honoured with %s: %s",
		    manner(rules)->wait, why);
	if (narrow != NULL)
		report_add(rules->loader->reports, REPORT_WARNING, place,
		    "%s stands in only_from and in no_access: it is refused",
		    narrow);
	if (!manner(rules)->as_xinetd)
		return;
	narrow = access_overruled(access, &wide);
	if (narrow != NULL)
		report_add(rules->loader->reports, REPORT_WARNING, place,
		    "only_from %s is the better match, and let in: xinetd "
		    "refuses it for no_access %s",
		    narrow, wide);
}

/* superd asks in a child, which internal datagram services do not have. */
static const char *
why_not_asked(const struct rules *rules)
{
	const struct service *service = rules->service;

	if (service->family == FAMILY_UNIX)
		return "about clients of a unix socket";
	if (service_accepts_itself(service))
		return "where the server accepts connections itself";
	if (service->internal != NULL && service->socktype != SOCK_STREAM)
		return "about datagrams of internal services";
	if (!rules->loader->context->have_libwrap)
		return "by a superd that was built without libwrap";
	return NULL;
}

/* Is it enough to say that nobody is asked?  Options are meant for those whom
 * somebody can be asked about. */
static bool
may_go_unasked(const struct rules *rules, enum asked_by by)
{
	return by == ASKED_BY_HABIT ||
	    (by == ASKED_BY_OPTION && service_accepts_itself(rules->service));
}

/* Whom the rules of this host may refuse, xinetd's entry does not let in
 * unasked.  No option of an inetd was ever meant for a server that accepts
 * connections: it may ask for itself. */
static void
libwrap_unasked(const struct rules *rules, enum asked_by by, const char *where)
{
	const struct place *place = place_of(rules, OPTION_LIBWRAP);

	if (by == ASKED_BY_HABIT && rules->loader->context->hosts_refuse)
		resolve_failed(rules->loader, rules->service, false, place,
		    "hosts.allow and hosts.deny have rules that refuse, and "
		    "cannot be asked %s%s",
		    where, manner(rules)->meant);
	else
		report_add(rules->loader->reports, REPORT_WARNING, place,
		    "hosts.allow and hosts.deny are not asked %s%s", where,
		    manner(rules)->meant);
}

void
rules_libwrap(const struct rules *rules, enum asked_by by)
{
	struct service *service = rules->service;
	const char *where = why_not_asked(rules);

	/* of a unix socket's clients there is nothing to ask */
	if (service->family == FAMILY_UNIX && by != ASKED_BY_ENTRY)
		return;
	service->access.libwrap = where == NULL;
	if (where != NULL && may_go_unasked(rules, by))
		libwrap_unasked(rules, by, where);
	else if (where != NULL)
		resolve_failed(rules->loader, service, false,
		    place_of(rules, OPTION_LIBWRAP),
		    "hosts.allow and hosts.deny cannot be asked %s", where);
}

/* What else an entry says in vain. */

/* Those who accept nothing send nothing. */
static void
check_banners(const struct rules *rules)
{
	const struct service *service = rules->service;
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
			warn(rules, banners[i].about,
			    "banners are sent by "
			    "stream services with wait = no only");
}

/* superd sees what passes through itself. */
static void
check_traffic(const struct rules *rules)
{
	const struct service *service = rules->service;

	if ((service->log_on_success & LOGS_TRAFFIC) == 0 ||
	    service->redirect.host != NULL)
		return;
	if (manner(rules)->as_xinetd)
		warn(rules, OPTION_LOG_ON_SUCCESS,
		    "TRAFFIC is known of "
		    "redirected services only: xinetd does not serve this "
		    "entry");
	else if (service->command.program != NULL)
		warn(rules, OPTION_LOG_ON_SUCCESS,
		    "TRAFFIC is known of "
		    "redirected and internal services only");
}

void
rules_check(const struct rules *rules)
{
	check_nowait(rules);
	check_wait(rules);
	check_groups(rules);
	check_access(rules);
	check_banners(rules);
	check_traffic(rules);
}
