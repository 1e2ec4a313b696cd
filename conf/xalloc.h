/*
 * Memory for configuration data.  If there is none, these functions print a
 * message on stderr and exit with XALLOC_STATUS: a load, which is a process of
 * its own, fails.
 */
#ifndef CONF_XALLOC_H
#define CONF_XALLOC_H

#include <stddef.h>

/* The exit status of a process that is out of memory: sysexits(3)'s
 * EX_OSERR. */
enum { XALLOC_STATUS = 71 };

void xalloc_fail(void) __attribute__((noreturn));
void *xmalloc(size_t) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t, size_t) __attribute__((malloc, returns_nonnull));
void *xreallocarray(void *, size_t, size_t) __attribute__((returns_nonnull));
/* Make room for one more element after count elements of a list (NULL: an empty
 * list), which nothing else may reallocate. */
void *xgrow(void *list, size_t count, size_t size)
    __attribute__((returns_nonnull));
char *xstrdup(const char *) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *, size_t) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), malloc, returns_nonnull));

#endif
