/* The state of superd as it runs, for an upgrade. */
#ifndef SUPERD_UPGRADE_KEEP_H
#define SUPERD_UPGRADE_KEEP_H

#include "superd/running/superd.h"
#include "superd/upgrade_state.h"

/* Collect it; descriptors stay whose they are.  Ends the process if there is no
 * memory. */
void upgrade_keep(const struct superd *, struct upgrade_state *);

#endif
