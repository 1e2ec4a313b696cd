/*
 * Diff: the services that run and a new conf -> what becomes of each.
 * Matches by id.  Pure.
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
 * olds: those that run, sorted by id (strcmp), each id once.  In the new conf
 * disabled services count as absent, and so do unservable ones that have no
 * old definition.  Runs in O(n log n) or better.
 */
void diff_make(struct diff *, const struct old_service *olds, size_t count,
    const struct conf *new);
void diff_free(struct diff *);

#endif
