/*
 * Filters of system calls, seccomp(2), compiled by libseccomp, which is opened
 * at run time and may be missing, as bytes that a child can install later.
 */
#ifndef SUPERD_BASE_CALL_FILTER_H
#define SUPERD_BASE_CALL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is it the name of a system call, of any architecture?  False also without
 * the library. */
bool call_filter_knows(const char *name);
/*
 * A filter that fails calls with EPERM: those of the list if it denies, or
 * else all but those and the ones that lead to a program and its end.  Names
 * that this architecture lacks are left out.  Instructions of struct
 * sock_filter, malloc'd; NULL with errno: ENOSYS if there is no library.
 */
uint64_t *call_filter_make(char *const *names, bool denies, size_t *count);

#endif
