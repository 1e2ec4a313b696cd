/* The commands that open and close services (running/closed.h). */
#ifndef SUPERD_CONTROL_ACTS_H
#define SUPERD_CONTROL_ACTS_H

#include "superd/control/control.h"

/* superctl enable ID, disable ID, stop ID */
control_fn do_enable, do_disable, do_stop;
/* superctl set ID OPTION=VALUE ... */
control_fn do_set;
/* superctl drain ID|--all [--timeout=TIME]: answered when the last session has
 * ended, or the time is over. */
control_fn do_drain;

#endif
