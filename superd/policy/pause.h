/*
 * Pauses: a limit of the service, or of superd as a whole, lets clients wait
 * instead of refusing them, until there is room again.
 */
#ifndef SUPERD_POLICY_PAUSE_H
#define SUPERD_POLICY_PAUSE_H

#include "superd/running/superd.h"

/* May its service start something now?  If not, what has to wait is blocked
 * until it may. */
bool live_may_start(struct live *, struct listener *);
/* Say so, once a minute at most. */
void pause_log(struct live *, enum refusal why);

#endif
