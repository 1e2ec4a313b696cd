/*
 * The difference between the running services and a new conf, by id: what a
 * reload has to do with each service.  Pure.
 */
#ifndef CONF_DIFF_H
#define CONF_DIFF_H

#include "conf/conf.h"

enum diff_kind {
	DIFF_KEEP,   /* equal */
	DIFF_CHANGE, /* same id, something differs */
	DIFF_ADD,
	DIFF_DROP,
	DIFF_STALE /* new definition is unservable: the old one
		      stays */
};

/* A service that runs, and who runs it. */
struct old_service {
	const struct service *service;
	void *owner;
};

struct diff_entry {
	enum diff_kind kind;
	const struct service *old; /* NULL for DIFF_ADD */
	const struct service *new; /* NULL for DIFF_DROP */
	void *owner;		   /* of old */
};

struct diff {
	struct diff_entry *list; /* in the order of new, drops last */
	size_t count;
	size_t kept, changed, added, dropped, stale;
};

/*
 * Compare.  olds: the running services, sorted by strcmp(3) of their ids, which
 * differ.  Disabled services of the new conf count as absent, and so do
 * unservable ones without an old definition.  Takes O(n log n).
 */
void diff_make(struct diff *, const struct old_service *olds, size_t count,
    const struct conf *new);
/* Free the list. */
void diff_free(struct diff *);

#endif
