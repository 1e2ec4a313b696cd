/*
 * What can only be said once every file is read: two entries for one socket
 * or one id, and services that nobody can reach.  What one entry says for
 * itself is its reader's matter.
 */
#include "conf/check.h"

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include <bsd/sys/tree.h>

#include "conf/service.h"
#include "conf/xalloc.h"

/* A socket that an entry will bind. */
struct claim {
	RB_ENTRY(claim) entry;
	struct addr addr;
	int socktype, protocol;
	const char *interface;
	const struct service *service;
	size_t index; /* of the service in the conf */
};

RB_HEAD(claims, claim);

static bool
is_served(const struct service *service)
{
	return !service->disabled && !service->unservable;
}

static void
report_rival(struct reports *reports, struct service *service,
    const struct service *first, const char *what, const char *name)
{
	service->unservable = true;
	service->retry = false;
	report_add(reports, REPORT_UNSERVABLE, &service->place,
	    "%s %s is already taken by %s at %s:%u, which serves it", what,
	    name, first->id, first->place.file, first->place.line);
}

/* Sockets. */

static int
compare_numbers(int a, int b)
{
	return (a > b) - (a < b);
}

/* 0: sockets of one kind, one family and one port. */
static int
compare_ports(const struct claim *a, const struct claim *b)
{
	int order = compare_numbers(a->protocol, b->protocol);

	if (order == 0)
		order = compare_numbers(a->socktype, b->socktype);
	if (order == 0)
		order = strcmp(a->interface, b->interface);
	if (order == 0)
		order = compare_numbers(a->addr.u.sa.sa_family,
		    b->addr.u.sa.sa_family);
	return order != 0 ?
	    order :
	    compare_numbers(addr_port(&a->addr), addr_port(&b->addr));
}

/* The wildcard, all zeros, comes first among those of a port. */
static int
compare_claims(struct claim *a, struct claim *b)
{
	int order = compare_ports(a, b);

	return order != 0 ? order : addr_compare(&a->addr, &b->addr);
}

RB_PROTOTYPE(claims, claim, entry, compare_claims)
RB_GENERATE(claims, claim, entry, compare_claims)

static void
set_claim(struct claim *claim, const struct service *service,
    const struct addr *addr)
{
	claim->addr = *addr;
	claim->protocol = service->protocol;
	claim->service = service;
	claim->interface = service->interface != NULL ? service->interface : "";
	/* a path holds one socket, of whatever type */
	claim->socktype = service->family == FAMILY_UNIX ?
	    0 :
	    service->socktype;
}

/* How many; list has room for two of each endpoint.  A dual socket takes the
 * IPv4 port, too. */
static size_t
claims_of(const struct service *service, struct claim *list)
{
	size_t n = 0;

	for (size_t i = 0; i < service->nendpoints; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];
		struct addr any;

		if (addr_port(&endpoint->addr) == 0 &&
		    service->family != FAMILY_UNIX)
			continue; /* any port, or none */
		set_claim(&list[n++], service, &endpoint->addr);
		if (service->family != FAMILY_DUAL || endpoint->v6only ||
		    endpoint->addr.u.sa.sa_family != AF_INET6 ||
		    !addr_is_any(&endpoint->addr))
			continue;
		addr_any(AF_INET, addr_port(&endpoint->addr), &any);
		set_claim(&list[n++], service, &any);
	}
	return n;
}

/* The kernel binds neither one address beside the wildcard nor the other way
 * round. */
static const struct claim *
find_rival(struct claims *claims, struct claim *claim)
{
	struct claim *same = RB_FIND(claims, claims, claim);
	struct claim any = *claim, *near;

	if (same != NULL)
		return same;
	if (claim->addr.u.sa.sa_family == AF_UNIX)
		return NULL;
	addr_any(claim->addr.u.sa.sa_family, addr_port(&claim->addr),
	    &any.addr);
	near = RB_NFIND(claims, claims, &any);
	if (near == NULL || compare_ports(near, claim) != 0)
		return NULL;
	return addr_is_any(&claim->addr) || addr_is_any(&near->addr) ?
	    near :
	    NULL;
}

/* Lines of inetd.conf as "daytime stream tcp" and "daytime stream tcp6", which
 * a host has whose inetd takes tcp for IPv4 alone. */
static bool
differ_in_family(const struct service *a, const struct service *b)
{
	struct service other = *b;

	if (a->dialect != DIALECT_INETD || b->dialect != DIALECT_INETD ||
	    strcmp(a->proto, b->proto) == 0)
		return false;
	other.id = a->id;
	other.name = a->name;
	other.proto = a->proto;
	other.family = a->family;
	other.endpoints = a->endpoints;
	other.nendpoints = a->nendpoints;
	return service_equal(a, &other);
}

/* Has wide every socket that narrow has? */
static bool
covers(const struct service *wide, const struct service *narrow)
{
	struct claim *a, *b;
	size_t na, nb, found = 0;

	a = xcalloc(2 * (wide->nendpoints + narrow->nendpoints), sizeof(*a));
	na = claims_of(wide, a);
	b = a + na;
	nb = claims_of(narrow, b);
	for (size_t i = 0; i < nb; i++) {
		size_t j = 0;

		while (j < na && compare_claims(&a[j], &b[i]) != 0)
			j++;
		found += j < na;
	}
	free(a);
	return found == nb;
}

/* On the way through the services, one after the other. */
struct sockets {
	struct conf *conf;
	struct reports *reports;
	struct claims claims;
	struct claim *next; /* room for more */
	bool *repeated;	    /* by index: another says the same */
};

static void
withdraw(struct sockets *sockets, const struct claim *rival)
{
	const struct service *service = rival->service;
	struct claim *list = xcalloc(2 * service->nendpoints, sizeof(*list));
	size_t n = claims_of(service, list);

	sockets->repeated[rival->index] = true;
	for (size_t i = 0; i < n; i++) {
		struct claim *claim = RB_FIND(claims, &sockets->claims,
		    &list[i]);

		if (claim != NULL)
			RB_REMOVE(claims, &sockets->claims, claim);
	}
	free(list);
}

/* What stands in the way of a service; what says the same of less does not,
 * and is withdrawn. */
static const struct claim *
first_rival(struct sockets *sockets, const struct service *service,
    struct claim *list, size_t n)
{
	const struct claim *rival;

	for (size_t i = 0; i < n;) {
		rival = find_rival(&sockets->claims, &list[i]);
		if (rival == NULL)
			i++;
		else if (differ_in_family(service, rival->service) &&
		    !covers(rival->service, service) &&
		    covers(service, rival->service))
			withdraw(sockets, rival);
		else
			return rival;
	}
	return NULL;
}

static void
claim_sockets(struct sockets *sockets, size_t index)
{
	struct service *service = sockets->conf->services[index];
	size_t n = claims_of(service, sockets->next);
	const struct claim *rival = first_rival(sockets, service, sockets->next,
	    n);

	if (rival != NULL && differ_in_family(service, rival->service) &&
	    covers(rival->service, service)) {
		sockets->repeated[index] = true;
		return;
	}
	if (rival != NULL) {
		report_rival(sockets->reports, service, rival->service,
		    "socket", service->name);
		return;
	}
	for (; n > 0; n--) {
		sockets->next->index = index;
		RB_INSERT(claims, &sockets->claims, sockets->next++);
	}
}

static void
drop_repeated(struct sockets *sockets)
{
	struct conf *conf = sockets->conf;
	size_t to = 0;

	for (size_t i = 0; i < conf->count; i++)
		if (sockets->repeated[i])
			service_free(conf->services[i]);
		else
			conf->services[to++] = conf->services[i];
	conf->count = to;
}

static void
check_sockets(struct conf *conf, struct reports *reports)
{
	struct sockets sockets = { .conf = conf, .reports = reports };
	struct claim *list;
	size_t room = 0;

	for (size_t i = 0; i < conf->count; i++)
		room += 2 * conf->services[i]->nendpoints;
	list = sockets.next = xcalloc(room, sizeof(*list));
	sockets.repeated = xcalloc(conf->count, sizeof(bool));
	RB_INIT(&sockets.claims);
	for (size_t i = 0; i < conf->count; i++)
		if (is_served(conf->services[i]))
			claim_sockets(&sockets, i);
	drop_repeated(&sockets);
	free(list);
	free(sockets.repeated);
}

/* Ids. */

static void
check_ids(struct conf *conf, struct reports *reports)
{
	const struct service *first = NULL;
	size_t count;
	struct by_id *list = conf_by_id(conf, 0, &count);

	for (size_t i = 0; i < count; i++) {
		struct service *service = list[i].service;

		if (!is_served(service))
			continue;
		if (first != NULL && strcmp(first->id, service->id) == 0)
			report_rival(reports, service, first, "id",
			    service->id);
		else
			first = service;
	}
	free(list);
}

/* Tcpmux. */

static const struct service *
find_tcpmux(const struct conf *conf)
{
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		if (is_served(service) && service->internal != NULL &&
		    strcmp(service->internal, "tcpmux") == 0)
			return service;
	}
	return NULL;
}

static void
check_mux(const struct conf *conf, struct reports *reports)
{
	bool reachable = find_tcpmux(conf) != NULL;

	for (size_t i = 0; i < conf->count; i++) {
		struct service *service = conf->services[i];

		if (!is_served(service) || service->mux == MUX_NONE)
			continue;
		if (service->command.program == NULL) {
			service->unservable = true;
			report_add(reports, REPORT_UNSERVABLE, &service->place,
			    "%s: not supported: tcpmux can reach only "
			    "programs",
			    service->id);
		} else if (!reachable)
			report_add(reports, REPORT_WARNING, &service->place,
			    "%s cannot be reached: there is no tcpmux service",
			    service->id);
	}
}

void
conf_check(struct conf *conf, struct reports *reports)
{
	check_sockets(conf, reports);
	check_ids(conf, reports);
	check_mux(conf, reports);
}
