/*
 * One internal process: how it is started and forgotten.  Which there are, and
 * when, is internal.h.
 */
#ifndef SUPERD_SERVE_INTERNAL_PROCESS_H
#define SUPERD_SERVE_INTERNAL_PROCESS_H

#include "superd/serve/internal_record.h"

/* What to call with the struct internal as argument. */
struct internal_hooks {
	unsigned patience; /* seconds until it counts as hung */
	loop_fn *knocked;  /* there are notices in its ring */
	loop_fn *speaks;   /* its channel can be read, or is closed */
	loop_fn *hung;	   /* it did not answer for that long */
	process_ended_fn *ended;
	process_report_fn *failed; /* its start has failed */
};

/* Fork one for the services of a seat.  slot: 1 to TALLY_SLOTS - 1 (tally.h),
 * not another process's.  NULL: no memory, descriptor or process is left. */
struct internal *internal_process_start(struct seat *, unsigned slot,
    const struct internal_hooks *);
/* Close its channel and drop the orders on their way.  Once is enough. */
void internal_process_close(struct internal *);
/* After its death: examine the listeners that it had, whose sockets it may have
 * changed (renew.h). */
void internal_process_examine(const struct internal *);
/* Free the record, and close all that belongs to it.  The process itself is not
 * ended. */
void internal_process_free(struct internal *);

#endif
