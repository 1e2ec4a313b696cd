/*
 * Admission: whether a client may be served, by the rules of its service and
 * the counters.  Times are parameters, in microseconds of loop_clock().
 */
#ifndef SUPERD_POLICY_ADMIT_H
#define SUPERD_POLICY_ADMIT_H

#include "superd/running/superd.h"

/*
 * Before a client is accepted: may the service start a child now?  ADMITTED or
 * the reason; with REFUSED_RATE, *wait is when to ask again, in microseconds
 * from now.  Changes nothing.
 */
enum refusal admit_service(const struct running *, int64_t now, int64_t *wait);
/* Is the load of this host below it, or is it 0? */
bool admit_load(double max_load);
/* Has the service fewer children than instances allows? */
bool admit_instances(const struct running *);
/*
 * After a client was accepted: may it be served?  peer: NULL if unknown.
 * ADMITTED, with one token of source_rate taken, or the reason.
 */
enum refusal admit_peer(struct running *, const struct addr *peer, int64_t now);

/* The same of a connection that a proxy makes for itself, from its address: no
 * limit of clients counts it. */
enum refusal admit_proxy(struct running *, const struct addr *proxy,
    int64_t now);

#endif
