/* The clients that hold most children of a service. */
#ifndef SUPERD_CONTROL_HOLDERS_H
#define SUPERD_CONTROL_HOLDERS_H

#include <stddef.h>

#include "superd/running/superd.h"

/* Write "192.0.2.7 has 12, 2001:db8::/64 has 3", those that hold most first.
 * Returns buf; NULL: no client holds any, or out of memory. */
char *holders_print(const struct running *, char *buf, size_t);

#endif
