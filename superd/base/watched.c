/* Sanitizers are known at compile time; valgrind shows in LD_PRELOAD. */
#include "superd/base/watched.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

bool
valgrind_watches(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

bool
memory_is_watched(void)
{
	return sanitized || valgrind_watches();
}
