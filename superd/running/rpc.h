/*
 * RPC services: their programs, versions and ports are told to rpcbind(8),
 * by a child, since rpcbind may be slow or not there; told again until it
 * took them.
 */
#ifndef SUPERD_RUNNING_RPC_H
#define SUPERD_RUNNING_RPC_H

#include "superd/running/superd.h"

struct rpc;

/* Is registration built in? */
bool rpc_available(void);
struct rpc *rpc_new(struct superd *);
void rpc_free(struct rpc *);
/*
 * Register now what there is at the start, and call tried(arg) once, when
 * that was tried or took longer than 2.5 seconds: it goes on behind it.
 * False, and no call, where there is nothing to wait for.
 */
bool rpc_try_first(struct rpc *, loop_fn *tried, void *arg);
/* Some RPC listener was bound or closed: bring rpcbind up to date, soon. */
void rpc_changed(struct rpc *);
/* At exit: withdraw everything; does not wait. */
void rpc_withdraw(struct rpc *);

#endif
