/*
 * Pauses: a limit of the service, or of superd as a whole, lets clients wait
 * instead of refusing them, until there is room again.
 */
#ifndef SUPERD_POLICY_PAUSE_H
#define SUPERD_POLICY_PAUSE_H

#include "superd/running/superd.h"

/* May its service start something now?  If not, what has to wait is blocked
 * until it may. */
bool running_may_start(struct running *, struct listener *);
/* Say so, once a minute at most. */
void pause_log(struct running *, enum refusal why);

#endif
