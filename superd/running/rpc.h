/*
 * Registration of RPC services with rpcbind(8), as rpcb_set(3) does: by a
 * child, since rpcbind may be slow or absent, and with retries.
 */
#ifndef SUPERD_RUNNING_RPC_H
#define SUPERD_RUNNING_RPC_H

#include "superd/running/superd.h"

struct rpc;

/* Was superd built with libtirpc? */
bool rpc_available(void);
struct rpc *rpc_new(struct superd *); /* never NULL */
void rpc_free(struct rpc *);	      /* accepts NULL */
/*
 * At the start: register all RPC services, and call tried(arg) once, when the
 * first try has ended or after 2.5 seconds, while it continues.  False: there
 * is nothing to register, and tried() is not called.
 */
bool rpc_try_first(struct rpc *, loop_fn *tried, void *arg);
/* An RPC listener was bound or closed: update rpcbind soon. */
void rpc_changed(struct rpc *);
/* At exit: unregister everything, without waiting for it. */
void rpc_withdraw(struct rpc *);

#endif
