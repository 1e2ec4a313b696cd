/* The commands events, for those who follow the log, and log-level. */
#ifndef SUPERD_CONTROL_EVENTS_H
#define SUPERD_CONTROL_EVENTS_H

#include "superd/control/control.h"

control_fn do_events, do_log_level;

#endif
