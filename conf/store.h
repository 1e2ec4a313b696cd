/*
 * How a member of the model is kept in memory: what makes two of them alike,
 * what has to be freed, and what a copy in an arena needs.  Knows nothing of
 * names and texts.
 */
#ifndef CONF_STORE_H
#define CONF_STORE_H

#include "conf/arena.h"
#include "conf/attribute.h"

/* The member of the owner, a service or globals, stands at so many bytes. */
struct store {
	/* NULL: two services may differ in it and be the same */
	bool (*equal)(const struct attribute *, const void *, const void *,
	    size_t at);
	/* NULL: it points to nothing of its own */
	void (*free)(const struct attribute *, void *owner, size_t at);
	/* after a copy octet by octet: what it points to, in the arena */
	void (*copy)(struct arena *, const struct attribute *, void *owner,
	    size_t at);
	/* of arrays: bytes of one element; when two are the same, NULL: octet
	 * by octet */
	size_t element;
	bool (*same)(const void *, const void *);
};

extern const struct store store_plain;	/* octets */
extern const struct store store_unseen; /* ... that make no difference */
extern const struct store store_load;
extern const struct store store_text; /* or NULL */
extern const struct store store_list; /* ends with NULL, or is NULL */
extern const struct store store_log;
extern const struct store store_place;
extern const struct store store_banners;
extern const struct store store_acl;
/* Arrays. */
extern const struct store store_endpoints;
extern const struct store store_targets;
extern const struct store store_groups;
extern const struct store store_rlimits;
extern const struct store store_hours;

/* store_plain's own, for who calls it a million times. */
bool store_octets_equal(const struct attribute *, const void *, const void *,
    size_t at);

/* A copy of count texts, and the NULL behind them. */
void *arena_texts(struct arena *, char *const *list, size_t count);

#endif
