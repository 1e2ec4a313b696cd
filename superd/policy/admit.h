/*
 * Admission: the verdict on a client, from the service's rules and the
 * counters.  Changes nothing; the time is a parameter.
 */
#ifndef SUPERD_POLICY_ADMIT_H
#define SUPERD_POLICY_ADMIT_H

#include "superd/running/superd.h"

/*
 * Before a client is accepted: may the service start anything at all now?
 * Those that may not wait in the backlog.  REFUSED_RATE: *wait is when to
 * ask again, microseconds from now.
 */
enum refusal admit_service(const struct running *, int64_t now, int64_t *wait);
/* Has the service fewer children than its limit? */
bool admit_instances(const struct running *);
/*
 * Once the peer is known (NULL: it never will be).  Takes a token of the
 * source's bucket where it admits.
 */
enum refusal admit_peer(struct running *, const struct addr *peer, int64_t now);

#endif
