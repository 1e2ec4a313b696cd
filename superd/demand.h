/* How many descriptors a configuration wants, and whether they can be had. */
#ifndef SUPERD_DEMAND_H
#define SUPERD_DEMAND_H

#include "conf/conf.h"

/* With some for clients, and for superd itself. */
size_t demand_descriptors(const struct conf *);
/* Raise our limit to so many; where that cannot be, as far as it goes, with a
 * warning about file. */
void demand_reserve(size_t descriptors, const char *file, struct reports *);

#endif
