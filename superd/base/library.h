/* Libraries that only some children need: dlopen(3) in those. */
#ifndef SUPERD_BASE_LIBRARY_H
#define SUPERD_BASE_LIBRARY_H

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* function: a pointer to the function pointer to be set.  ISO C has no cast
 * from an object to a function pointer, so that its bytes are copied. */
static inline bool
library_symbol(void *library, const char *name, void *function)
{
	void *symbol = dlsym(library, name);

	memcpy(function, &symbol, sizeof(symbol));
	return symbol != NULL;
}

#endif
