/*
 * Metrics: counters and gauges in the text exposition format 0.0.4 of
 * Prometheus.  Names and labels are documented in superd(8) and stable; no
 * label has a value that a client chooses.
 */
#ifndef SUPERD_CONTROL_METRICS_H
#define SUPERD_CONTROL_METRICS_H

#include "superd/base/text.h"
#include "superd/running/superd.h"

/* Append all of them.  For a process that has time, with vitals read. */
void metrics_write(struct superd *, struct text *);

#endif
