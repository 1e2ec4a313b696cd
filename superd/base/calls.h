/*
 * A filter of system calls, seccomp(2): what a process that serves strangers
 * needs, and no other.  libseccomp makes it, which is loaded by that process
 * alone.  Nothing where it is not there, or a tool watches the memory.
 */
#ifndef SUPERD_BASE_CALLS_H
#define SUPERD_BASE_CALLS_H

#include <stdbool.h>

/* Was superd built with it? */
bool calls_known(void);
/* While files can be read: load the library. */
void calls_prepare(void);
/* From now on; calls that are not needed fail with EPERM. */
void calls_confine(void);

#endif
