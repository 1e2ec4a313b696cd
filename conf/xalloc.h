/*
 * Allocation for configuration data: a load that cannot have its memory
 * cannot go on, and says so on stderr before it aborts.
 */
#ifndef CONF_XALLOC_H
#define CONF_XALLOC_H

#include <stddef.h>

void	*xmalloc(size_t) __attribute__((malloc, returns_nonnull));
void	*xcalloc(size_t, size_t) __attribute__((malloc, returns_nonnull));
void	*xreallocarray(void *, size_t, size_t)
	    __attribute__((returns_nonnull));
char	*xstrdup(const char *) __attribute__((malloc, returns_nonnull));
char	*xstrndup(const char *, size_t)
	    __attribute__((malloc, returns_nonnull));
char	*xasprintf(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2), malloc, returns_nonnull));

#endif
