/* What can only be said once every file is read. */
#include "conf/check.h"

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"

/* A socket that an entry will bind. */
struct claim {
	struct addr addr;
	int socktype, protocol;
	struct service *service;
	size_t position;
};

struct claims {
	struct claim *list;
	size_t count, room;
};

static bool
is_served(const struct service *service)
{
	return !service->disabled && !service->unservable;
}

static void
claim(struct claims *claims, struct service *service,
    const struct addr *addr, size_t position)
{
	struct claim *one;

	if (claims->count == claims->room) {
		claims->room = claims->room * 2 + 64;
		claims->list = xreallocarray(claims->list, claims->room,
		    sizeof(*claims->list));
	}
	one = &claims->list[claims->count++];
	one->addr = *addr;
	one->socktype = service->socktype;
	one->protocol = service->protocol;
	one->service = service;
	one->position = position;
}

/* A dual socket takes the IPv4 port, too. */
static void
claim_service(struct claims *claims, struct service *service,
    size_t position)
{
	for (size_t i = 0; i < service->nendpoints; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];
		struct addr any;

		if (addr_port(&endpoint->addr) == 0 &&
		    service->family != FAMILY_UNIX)
			continue;
		claim(claims, service, &endpoint->addr, position);
		if (service->family != FAMILY_DUAL || endpoint->v6only ||
		    !addr_is_any(&endpoint->addr))
			continue;
		addr_any(AF_INET, service->port, &any);
		claim(claims, service, &any, position);
	}
}

static int
compare_sockets(const struct claim *a, const struct claim *b)
{
	int order = addr_compare(&a->addr, &b->addr);

	if (order == 0)
		order = (a->socktype > b->socktype) -
		    (a->socktype < b->socktype);
	if (order == 0)
		order = (a->protocol > b->protocol) -
		    (a->protocol < b->protocol);
	return order;
}

static int
compare_claims(const void *a, const void *b)
{
	const struct claim *ca = a, *cb = b;
	int order = compare_sockets(ca, cb);

	if (order != 0)
		return order;
	return (ca->position > cb->position) - (ca->position < cb->position);
}

static void
report_duplicate(struct reports *reports, struct service *service,
    const struct service *first, const char *what)
{
	service->unservable = true;
	service->retry = false;
	report_add(reports, REPORT_UNSERVABLE, &service->place,
	    "%s %s is taken already by %s at %s:%u, which serves it", what,
	    what[0] == 's' ? service->name : service->id, first->id,
	    first->place.file, first->place.line);
}

static void
check_sockets(struct conf *conf, struct reports *reports)
{
	struct claims claims = { NULL, 0, 0 };
	const struct claim *first = NULL;

	for (size_t i = 0; i < conf->count; i++)
		if (is_served(conf->services[i]))
			claim_service(&claims, conf->services[i], i);
	if (claims.count > 1)
		qsort(claims.list, claims.count, sizeof(*claims.list),
		    compare_claims);
	for (size_t i = 0; i < claims.count; i++) {
		const struct claim *one = &claims.list[i];

		if (first == NULL || compare_sockets(first, one) != 0 ||
		    !is_served(first->service)) {
			first = one;
			continue;
		}
		if (one->service != first->service &&
		    is_served(one->service))
			report_duplicate(reports, one->service,
			    first->service, "socket");
	}
	free(claims.list);
}

static int
compare_ids(const void *a, const void *b)
{
	const struct claim *ca = a, *cb = b;
	int order = strcmp(ca->service->id, cb->service->id);

	if (order != 0)
		return order;
	return (ca->position > cb->position) - (ca->position < cb->position);
}

static void
check_ids(struct conf *conf, struct reports *reports)
{
	struct claim *list = xcalloc(conf->count, sizeof(*list));
	const struct service *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < conf->count; i++)
		if (is_served(conf->services[i])) {
			list[count].service = conf->services[i];
			list[count++].position = i;
		}
	qsort(list, count, sizeof(*list), compare_ids);
	for (size_t i = 0; i < count; i++) {
		if (first != NULL && strcmp(first->id,
		    list[i].service->id) == 0)
			report_duplicate(reports, list[i].service, first,
			    "id");
		else
			first = list[i].service;
	}
	free(list);
}

/* A service that only tcpmux can reach, and nobody serves tcpmux. */
static void
check_mux(const struct conf *conf, struct reports *reports)
{
	const struct service *lonely = NULL;

	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		if (!is_served(service))
			continue;
		if (service->internal != NULL &&
		    strcmp(service->internal, "tcpmux") == 0)
			return;
		if (service->mux != MUX_NONE && lonely == NULL)
			lonely = service;
	}
	if (lonely != NULL)
		report_add(reports, REPORT_WARNING, &lonely->place,
		    "%s cannot be reached: there is no tcpmux service",
		    lonely->id);
}

void
conf_check(struct conf *conf, const struct load_context *context,
    struct reports *reports)
{
	(void)context;
	check_sockets(conf, reports);
	check_ids(conf, reports);
	check_mux(conf, reports);
}
