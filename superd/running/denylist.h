/*
 * Who is denied, and until when: clients that have set off a sensor, and
 * addresses and networks that an administrator has named.  Pure: the time is a
 * parameter.
 *
 * Loopback addresses, and what is no internet address, are never denied.
 *
 * Bounded in memory: a full list takes nobody in before somebody's time is
 * over, so that no flood of addresses brings others off the list; but for what
 * an administrator names.
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

enum denied_by { DENIED_BY_SENSOR, DENIED_BY_HAND };

struct denied {
	struct prefix client;
	int64_t until; /* microseconds, or DENIED_FOR_EVER */
	enum denied_by by;
};

enum denied_result {
	DENIED_NEW,
	DENIED_KNOWN, /* was denied: until the later of both, or, by hand,
		       * until this */
	DENIED_NEVER, /* an address that is not denied */
	DENIED_FULL
};

struct denylist *denylist_new(size_t max);
void denylist_free(struct denylist *);
enum denied_result denylist_add(struct denylist *, const struct denied *,
    int64_t now);
/* No more.  False: this very prefix is not on the list. */
bool denylist_remove(struct denylist *, const struct prefix *);
/* By what this address is denied, or NULL. */
const struct denied *denylist_find(const struct denylist *, const struct addr *,
    int64_t now);
/* How many there are; forgets those whose time is over. */
size_t denylist_count(struct denylist *, int64_t now);
/* Call fn for each, in the order of their times; fn must not add or remove. */
void denylist_each(const struct denylist *,
    void (*fn)(void *arg, const struct denied *), void *arg);
/* May it be denied? */
bool denylist_takes(const struct prefix *);
/* What is denied where this address has set off a sensor.  False: nothing. */
bool denylist_client(const struct addr *, const struct client_bits *,
    struct prefix *);
/* "sensor", "hand" */
const char *denied_by_name(enum denied_by);

#endif
