/*
 * The listeners in systemd's file descriptor store, sd_notify(3): what is
 * there comes back with the next start, after a crash as well, and refuses
 * nobody meanwhile.
 */
#ifndef SUPERD_RUNNING_FD_STORE_H
#define SUPERD_RUNNING_FD_STORE_H

#include "superd/running/superd.h"

/* NULL if systemd keeps none for us, which all functions accept. */
struct fd_store *fd_store_new(struct superd *);
void fd_store_free(struct fd_store *);
/* Sockets were made, or serve somebody else: look at all of them soon. */
void fd_store_changed(struct fd_store *);
/* This one is about to be closed.  At the end of superd it stays in the
 * store. */
void fd_store_forget(struct listener *);
/* Will systemd still have it when it is closed here? */
bool fd_store_keeps(const struct listener *);

#endif
