/*
 * A system call filter, seccomp(2), for processes that serve strangers: only
 * the calls they need are allowed.  The filter is built by libseccomp, which
 * only these processes load.  There is no filter if the library is missing or
 * if a sanitizer or valgrind runs the process.
 */
#ifndef SUPERD_BASE_CALLS_H
#define SUPERD_BASE_CALLS_H

#include <stdbool.h>

/* Was superd built with libseccomp? */
bool calls_known(void);
/* Load the library.  Call while the process can still open files. */
void calls_prepare(void);
/* Install the filter, for good: any other call fails with EPERM.  Does
 * nothing if the library could not be loaded. */
void calls_confine(void);

#endif
