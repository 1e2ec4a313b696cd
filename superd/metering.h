/* superctl metrics: control/metrics.h, written by a process of its own. */
#ifndef SUPERD_METERING_H
#define SUPERD_METERING_H

#include "superd/control/control.h"

/* A control_fn. */
enum control_exit do_metrics(struct request *);

#endif
