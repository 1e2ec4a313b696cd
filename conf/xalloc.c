/* Allocation that does not fail. */
#include "conf/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
xalloc_fail(void)
{
	static const char text[] = "superd: out of memory\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	_exit(XALLOC_STATUS);
}

static void *
check(void *memory)
{
	if (memory == NULL)
		xalloc_fail();
	return memory;
}

void *
xmalloc(size_t size)
{
	return check(malloc(size > 0 ? size : 1));
}

void *
xcalloc(size_t count, size_t size)
{
	return check(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *
xreallocarray(void *memory, size_t count, size_t size)
{
	return check(
	    reallocarray(memory, count > 0 ? count : 1, size > 0 ? size : 1));
}

/* There is room up to the next power of two. */
void *
xgrow(void *list, size_t count, size_t size)
{
	if (count == 0)
		return xreallocarray(list, 2, size);
	return count > 1 && (count & (count - 1)) == 0 ?
	    xreallocarray(list, count * 2, size) :
	    list;
}

char *
xstrdup(const char *text)
{
	return check(strdup(text));
}

char *
xstrndup(const char *text, size_t length)
{
	return check(strndup(text, length));
}

char *
xasprintf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int length;

	va_start(ap, fmt);
	length = vasprintf(&text, fmt, ap);
	va_end(ap);
	return check(length < 0 ? NULL : text);
}
