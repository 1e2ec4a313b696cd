/* Who has the children of a service. */
#ifndef SUPERD_CONTROL_HOLDERS_H
#define SUPERD_CONTROL_HOLDERS_H

#include <stddef.h>

#include "superd/running/superd.h"

/* "192.0.2.7 has 12, 2001:db8::/64 has 3": those that have most come first.
 * NULL: it has no client, or there is no memory to count them. */
char *holders_print(const struct running *, char *buf, size_t);

#endif
