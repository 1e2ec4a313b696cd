/* The verdict: rules of conf/, counters of superd/. */
#include "superd/policy/admit.h"

#include <sys/sysinfo.h>

#include <stdlib.h>
#include <time.h>

#include "conf/acl.h"
#include "conf/hours.h"
#include "superd/policy/sensor.h"
#include "superd/running/blocked.h"
#include "superd/running/records.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"

static bool
at_most(unsigned limit, size_t count)
{
	return !is_limit(limit) || count < limit;
}

bool
admit_instances(const struct running *running)
{
	return at_most(running->service->limits.instances, running->children);
}

enum refusal
admit_service(const struct running *running, int64_t now, int64_t *wait)
{
	const struct superd *superd = running->superd;
	const struct limits *limits = &running->service->limits;

	enum refusal refusal;

	if (running->place != PLACES && waiters_lack(superd) != NULL)
		return REFUSED_SHORTAGE;
	refusal = share_service(running);
	if (refusal != ADMITTED)
		return refusal;
	if (limits->excess == EXCESS_QUEUE && !admit_instances(running))
		return REFUSED_INSTANCES;
	*wait = bucket_wait(&running->starts, &limits->rate, now);
	return *wait > 0 ? REFUSED_RATE : ADMITTED;
}

bool
admit_load(double max_load)
{
	static const double one = 1 << SI_LOAD_SHIFT;
	struct sysinfo info;

	/* getloadavg(3) opens a file, which an internal process may not */
	return max_load <= 0 || sysinfo(&info) != 0 ||
	    (double)info.loads[0] / one < max_load;
}

static enum refusal
admit_source(struct running *running, const struct addr *peer, int64_t now)
{
	const struct limits *limits = &running->service->limits;
	struct source_entry *source;
	struct prefix client;

	if (!is_limit(limits->per_source) &&
	    !is_limit(limits->source_rate.count))
		return ADMITTED;
	client_of(peer, &running->superd->client_bits, &client);
	source = sources_get(running->superd->sources, running, &client);
	if (source == NULL)
		return REFUSED_SHORTAGE;
	if (!at_most(limits->per_source, source->children))
		return REFUSED_PER_SOURCE;
	return bucket_try(&source->starts, &limits->source_rate, now) ?
	    ADMITTED :
	    REFUSED_SOURCE_RATE;
}

/* What holds for everybody, however many come from one address. */
static enum refusal
admit_anybody(struct running *running, const struct addr *peer, int64_t now)
{
	const struct service *service = running->service;
	const struct access *access = &service->access;

	if (service->sensor ||
	    (peer != NULL && sensor_denies(running->superd, peer, now)))
		return REFUSED_SENSOR;
	if (access->acl != NULL && peer != NULL &&
	    acl_decide(access->acl, peer) == ACL_DENY)
		return REFUSED_ACCESS;
	if (access->nhours > 0 &&
	    !hours_allow(access->hours, access->nhours, time(NULL)))
		return REFUSED_TIME;
	if (!admit_load(service->limits.max_load))
		return REFUSED_LOAD;
	if (service->limits.excess == EXCESS_REFUSE &&
	    !admit_instances(running))
		return REFUSED_INSTANCES;
	return ADMITTED;
}

enum refusal
admit_peer(struct running *running, const struct addr *peer, int64_t now)
{
	enum refusal refusal = admit_anybody(running, peer, now);

	if (refusal != ADMITTED || peer == NULL)
		return refusal;
	refusal = admit_source(running, peer, now);
	return refusal != ADMITTED ? refusal : share_client(running, peer);
}

enum refusal
admit_proxy(struct running *running, const struct addr *proxy, int64_t now)
{
	return admit_anybody(running, proxy, now);
}
