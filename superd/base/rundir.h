/*
 * Where the files of a running superd are, unless somebody says otherwise:
 * the system's directory for root, and for anybody else XDG_RUNTIME_DIR, if
 * there is one (XDG Base Directory Specification).
 */
#ifndef SUPERD_BASE_RUNDIR_H
#define SUPERD_BASE_RUNDIR_H

#include <stddef.h>

/* The system's path, or the user's with the same name, which is in buf. */
const char *rundir_path(const char *path, char *buf, size_t size);
/* SUPERD_CONTROL of the environment, for superd and superctl; or NULL. */
const char *rundir_control(void);

#endif
