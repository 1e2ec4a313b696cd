/*
 * Default directory for the pid file and the control socket: the system's for
 * root, and $XDG_RUNTIME_DIR for other users, if it is set.  XDG Base
 * Directory Specification.
 */
#ifndef SUPERD_BASE_RUNDIR_H
#define SUPERD_BASE_RUNDIR_H

#include <stddef.h>

/* path as it is, or a file of the same name in $XDG_RUNTIME_DIR, which is
 * written to buf, size bytes, if it fits. */
const char *rundir_path(const char *path, char *buf, size_t size);
/* $SUPERD_CONTROL, the path of the control socket; NULL if it is unset or
 * empty. */
const char *rundir_control(void);

#endif
