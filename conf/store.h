/*
 * Stores: how a member of struct service or struct globals is compared, freed
 * and copied to an arena.  Knows nothing of names and texts.
 */
#ifndef CONF_STORE_H
#define CONF_STORE_H

#include "conf/arena.h"
#include "conf/attribute.h"

/* at: the offset of the member in its owner, in bytes. */
struct store {
	/* NULL: differences do not matter */
	bool (*equal)(const struct attribute *, const void *, const void *,
	    size_t at);
	/* NULL: it owns no memory */
	void (*free)(const struct attribute *, void *owner, size_t at);
	/* called on a bytewise copy: copy what it points to */
	void (*copy)(struct arena *, const struct attribute *, void *owner,
	    size_t at);
	/* of arrays: the size of an element in bytes, and its comparison;
	 * NULL: bytewise */
	size_t element;
	bool (*same)(const void *, const void *);
};

extern const struct store store_plain;	/* bytes */
extern const struct store store_unseen; /* bytes that do not matter */
extern const struct store store_load;
extern const struct store store_text; /* or NULL */
extern const struct store store_list; /* ends with NULL, or is NULL */
extern const struct store store_log;
extern const struct store store_place;
extern const struct store store_banners;
extern const struct store store_acl;
extern const struct store store_proxy;
extern const struct store store_box; /* its members have rows */
extern const struct store store_only;
/* Arrays. */
extern const struct store store_endpoints;
extern const struct store store_targets;
extern const struct store store_groups;
extern const struct store store_rlimits;
extern const struct store store_hours;
extern const struct store store_filter;
extern const struct store store_options;

/* The comparison of store_plain, to be called directly for speed. */
bool store_octets_equal(const struct attribute *, const void *, const void *,
    size_t at);

/* Copy count strings and the NULL after them. */
void *arena_texts(struct arena *, char *const *list, size_t count);

#endif
