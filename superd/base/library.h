/* Libraries that only some children need; they load them with dlopen(3). */
#ifndef SUPERD_BASE_LIBRARY_H
#define SUPERD_BASE_LIBRARY_H

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* Look up a symbol, dlsym(3).  function points to the function pointer to
 * set; its bytes are copied because ISO C has no cast from an object pointer
 * to a function pointer.  False: the library does not have it. */
static inline bool
library_symbol(void *library, const char *name, void *function)
{
	void *symbol = dlsym(library, name);

	memcpy(function, &symbol, sizeof(symbol));
	return symbol != NULL;
}

#endif
