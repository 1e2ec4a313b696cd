/*
 * One internal process: how it is started and forgotten.  Which there are, and
 * when, is internal.h.
 */
#ifndef SUPERD_SERVE_INTERNAL_PROCESS_H
#define SUPERD_SERVE_INTERNAL_PROCESS_H

#include "superd/serve/internal_record.h"

/* All get the struct internal. */
struct internal_hooks {
	unsigned patience; /* seconds without an answer */
	loop_fn *knocked;  /* it has told something */
	loop_fn *speaks;   /* on its channel, or has closed that */
	loop_fn *hung;
	process_ended_fn *ended;
	process_report_fn *failed;
};

/* Fork one for the services of a seat; slot: of tally.h, no other's, and not
 * 0.  NULL: there can be none now. */
struct internal *internal_process_start(struct seat *, unsigned slot,
    const struct internal_hooks *);
/* It gets no more orders. */
void internal_process_close(struct internal *);
/* It is dead, and may have done anything to the listeners that it had. */
void internal_process_examine(const struct internal *);
/* It is left to end. */
void internal_process_free(struct internal *);

#endif
