/* Pauses: clients wait, instead of being refused, while a limit of their
 * service or of superd as a whole is reached. */
#ifndef SUPERD_POLICY_PAUSE_H
#define SUPERD_POLICY_PAUSE_H

#include "superd/running/superd.h"

/* May the service start a child for this listener now?  If not, the listener,
 * or all of the service, is blocked until it may.  NULL: for a client that was
 * accepted already.  Where another process starts it, that one is asked. */
bool running_may_start(struct running *, struct listener *);
/* Log a pause and its reason, at most once a minute for each service. */
void pause_log(struct running *, enum refusal why);

#endif
