/*
 * Holding back.  Listeners whose clients have to wait because there is no
 * place for them now (share.h), or no descriptors or processes, queue up as
 * they become readable.  Who is to leave what is left to others is only known
 * once it is accepted: a bounded number of such connections wait in a line
 * for each client and service.  All are served in turn, so that no service
 * starves another; nothing spins or sleeps.
 */
#ifndef SUPERD_POLICY_WAITERS_H
#define SUPERD_POLICY_WAITERS_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

/* What becomes of a connection that has waited. */
struct waiter {
	/* Takes it.  False: not yet. */
	bool (*serve)(struct connection *);
};

struct waiters *waiters_new(struct superd *, const struct waiter *);
/* When nobody waits any more. */
void waiters_free(struct superd *);
/*
 * A connection that is accepted already waits: for a process, or until its
 * client may have one more place.  Take it, unless they return -1: there is no
 * room for it, or no memory.
 */
int waiters_add(struct connection *);
int waiters_add_client(struct connection *);
/* A place is free, or time passed: serve who waits. */
void waiters_release(struct superd *);

#endif
