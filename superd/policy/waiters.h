/*
 * Waiters: listeners and accepted connections that wait for a place (share.h),
 * or for the end of a shortage of descriptors, processes or memory.  Listeners
 * queue up as they become readable.  A client that may not have one more place
 * is known only after accept(2): a bounded number of such connections wait in a
 * line (line.h) for each client and service.  All are served in turn, so that
 * no service starves another.
 */
#ifndef SUPERD_POLICY_WAITERS_H
#define SUPERD_POLICY_WAITERS_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

struct waiter {
	/* Serve a connection that has waited, and take it.  False: it has to
	 * wait longer, and nothing is taken. */
	bool (*serve)(struct connection *);
};

/* Never NULL; the waiter is not copied. */
struct waiters *waiters_new(struct superd *, const struct waiter *);
/* Free superd->waiters; nobody may wait any more. */
void waiters_free(struct superd *);
/* Take an accepted connection, which waits for a process.  0, or -1 with
 * nothing taken: the line is full, or out of memory. */
int waiters_add(struct connection *);
/* The same for a connection whose client may not have one more place now. */
int waiters_add_client(struct connection *);
/* Serve as many waiters as possible: a place is free, or a shortage is over. */
void waiters_release(struct superd *);

#endif
