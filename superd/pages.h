/*
 * The pages (serve/pages.h) of superd: `services', what listens; `servers', who
 * is being served; `metrics' and what goes with it, whether superd is well;
 * `status', for browsers.
 */
#ifndef SUPERD_PAGES_H
#define SUPERD_PAGES_H

#include <stddef.h>

#include "superd/serve/pages.h"

extern const struct page superd_pages[];
extern const size_t superd_npages;

#endif
