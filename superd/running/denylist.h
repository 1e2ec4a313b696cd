/*
 * Who is denied, and until when: the clients that have set off a sensor.
 * Pure: the time is a parameter.
 *
 * A client is denied as a whole (addr.h).  Loopback addresses, and what is no
 * internet address, are never denied.
 *
 * Bounded in memory: a full list takes nobody in before somebody's time is
 * over, so that no flood of addresses brings others off the list.
 */
#ifndef SUPERD_RUNNING_DENYLIST_H
#define SUPERD_RUNNING_DENYLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"

enum { DENIED_MAX = 65536 };

#define DENIED_FOR_EVER INT64_MAX

struct denylist;

enum denied_result {
	DENIED_NEW,
	DENIED_KNOWN, /* was denied; until the later of both */
	DENIED_NEVER, /* an address that is not denied */
	DENIED_FULL
};

struct denylist *denylist_new(size_t max);
void denylist_free(struct denylist *);
/* until: microseconds, or DENIED_FOR_EVER. */
enum denied_result denylist_add(struct denylist *, const struct addr *,
    const struct client_bits *, int64_t until, int64_t now);
bool denylist_has(struct denylist *, const struct addr *,
    const struct client_bits *, int64_t now);
/* How many there are; forgets those whose time is over. */
size_t denylist_count(struct denylist *, int64_t now);

#endif
