/*
 * The deny list: clients that have connected to a sensor, and addresses and
 * networks that an administrator has named, and until when they are denied.
 * Addresses of loopback, and of families other than IPv4 and IPv6, are never
 * denied.
 *
 * Memory is bounded: a full list takes no new entry of a sensor before an old
 * one has expired, so that a flood of addresses cannot push others off the
 * list.  Entries of an administrator are always taken.
 *
 * Pure: times are parameters, in microseconds of loop_clock().
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
	DENIED_KNOWN, /* it was on the list; the later time counts, or, by
		       * hand, the new one */
	DENIED_NEVER, /* its address is one that is never denied */
	DENIED_FULL
};

/* Make a list for max entries.  Never NULL. */
struct denylist *denylist_new(size_t max);
void denylist_free(struct denylist *); /* accepts NULL */
/* Add an entry, which is copied. */
enum denied_result denylist_add(struct denylist *, const struct denied *,
    int64_t now);
/* Remove the entry of exactly this prefix.  False: there is none. */
bool denylist_remove(struct denylist *, const struct prefix *);
/* The entry by which this address is denied, or NULL.  Valid until the list is
 * changed. */
const struct denied *denylist_find(const struct denylist *, const struct addr *,
    int64_t now);
/* Remove the entries that have expired, and count the others. */
size_t denylist_count(struct denylist *, int64_t now);
/* Call fn for each entry, in the order of their times; fn must not add or
 * remove any. */
void denylist_each(const struct denylist *,
    void (*fn)(void *arg, const struct denied *), void *arg);
/* May this prefix be denied? */
bool denylist_takes(const struct prefix *);
/* The prefix to deny after this address has connected to a sensor.  False: it
 * is one that is never denied. */
bool denylist_client(const struct addr *, const struct client_bits *,
    struct prefix *);
/* "sensor" or "hand". */
const char *denied_by_name(enum denied_by);

#endif
