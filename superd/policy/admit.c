/* The verdict: rules of conf/, counters of superd/. */
#include "superd/policy/admit.h"

#include <stdlib.h>
#include <time.h>

#include "conf/acl.h"
#include "conf/hours.h"
#include "superd/policy/sensor.h"
#include "superd/running/share.h"

static bool
limited(unsigned limit)
{
	return limit != LIMIT_NONE && limit != LIMIT_UNSET;
}

static bool
at_most(unsigned limit, size_t count)
{
	return !limited(limit) || count < limit;
}

bool
admit_instances(const struct live *live)
{
	return at_most(live->service->limits.instances, live->children);
}

enum refusal
admit_service(const struct live *live, int64_t now, int64_t *wait)
{
	const struct superd *superd = live->superd;
	const struct limits *limits = &live->service->limits;

	enum refusal refusal;

	if (live->place != PLACES && superd->shortage != NULL)
		return REFUSED_SHORTAGE;
	refusal = share_service(live);
	if (refusal != ADMITTED)
		return refusal;
	if (limits->excess == EXCESS_QUEUE && !admit_instances(live))
		return REFUSED_INSTANCES;
	*wait = bucket_wait(&live->starts, &limits->rate, now);
	return *wait > 0 ? REFUSED_RATE : ADMITTED;
}

static bool
in_hours(const struct access *access)
{
	time_t now;
	struct tm tm;

	if (access->nhours == 0)
		return true;
	now = time(NULL);
	localtime_r(&now, &tm);
	return hours_allow(access->hours, access->nhours,
	    (unsigned)(tm.tm_hour * 60 + tm.tm_min));
}

static bool
load_is_low(double max_load)
{
	double load;

	return max_load <= 0 || getloadavg(&load, 1) != 1 || load < max_load;
}

static enum refusal
admit_source(struct live *live, const struct addr *peer, int64_t now)
{
	const struct limits *limits = &live->service->limits;
	struct source_entry *source;
	struct prefix client;

	if (!limited(limits->per_source) && !limited(limits->source_rate.count))
		return ADMITTED;
	client_of(peer, &live->superd->client_bits, &client);
	source = sources_get(live->superd->sources, live, &client);
	if (source == NULL)
		return REFUSED_SHORTAGE;
	if (!at_most(limits->per_source, source->children))
		return REFUSED_PER_SOURCE;
	return bucket_try(&source->starts, &limits->source_rate, now) ?
	    ADMITTED :
	    REFUSED_SOURCE_RATE;
}

enum refusal
admit_peer(struct live *live, const struct addr *peer, int64_t now)
{
	const struct service *service = live->service;
	const struct access *access = &service->access;
	enum refusal refusal;

	if (service->sensor ||
	    (peer != NULL && sensor_denies(live->superd, peer, now)))
		return REFUSED_SENSOR;
	if (access->acl != NULL && peer != NULL &&
	    acl_decide(access->acl, peer) == ACL_DENY)
		return REFUSED_ACCESS;
	if (!in_hours(access))
		return REFUSED_TIME;
	if (!load_is_low(service->limits.max_load))
		return REFUSED_LOAD;
	if (service->limits.excess == EXCESS_REFUSE && !admit_instances(live))
		return REFUSED_INSTANCES;
	if (peer == NULL)
		return ADMITTED;
	refusal = admit_source(live, peer, now);
	return refusal != ADMITTED ? refusal : share_client(live, peer);
}
