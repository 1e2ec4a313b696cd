/*
 * The resolver: a process without rights that asks for the hosts of a
 * configuration, so that nobody with rights reads what name servers say.
 * Started by the first name, and gone with the one who asks: the loader, or
 * a check.  Its answers have a fixed form, and no more of them is believed
 * than what can be an address.
 */
#ifndef SUPERD_RESOLVER_H
#define SUPERD_RESOLVER_H

#include "conf/names.h"

struct resolver;

/* Never NULL. */
struct resolver *resolver_new(void);
/* Ends its process, and frees its names; accepts NULL. */
void resolver_free(struct resolver *);
/* The system's names, but for hosts; the resolver's own. */
struct names *resolver_names(const struct resolver *);

#endif
