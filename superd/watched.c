/* Sanitizers are built in, valgrind is preloaded. */
#include "superd/watched.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

bool
memory_is_watched(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return sanitized || (preload != NULL &&
	    strstr(preload, "vgpreload") != NULL);
}
