/*
 * What a client would meet at a service: each rule by itself, and the verdicts
 * on its next connections, if all of them came now and stayed.  These are
 * admission's own (admit.h), on copies of what it counts.
 */
#ifndef SUPERD_CONTROL_WHY_H
#define SUPERD_CONTROL_WHY_H

#include "superd/control/control.h"
#include "superd/control/fact.h"

/* What why answers, of a struct that is its own. */
extern const struct facts why_facts;

/* superctl why ID ADDRESS [--at=[DAY,]H:MM] */
control_fn do_why;

#endif
