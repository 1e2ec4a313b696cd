/*
 * Drafts: a service as text, in any dialect: the values of each option, with
 * their places.  Knows how values are inherited from defaults, added with +=
 * and removed with -=; their meaning is for conf/make.h.
 */
#ifndef CONF_DRAFT_H
#define CONF_DRAFT_H

#include "conf/attribute.h"
#include "conf/manner.h"

struct value {
	char *text;
	struct place place;
	bool remove;	/* of -=: remove equal values before it */
	bool inherited; /* of the defaults */
};

/* The values of one option. */
struct setting {
	bool set;
	bool append;	    /* only += and -=, to the defaults' values */
	bool borrowed;	    /* the values belong to the defaults */
	struct place place; /* of the option's name */
	struct value *values;
	size_t count;
	unsigned sequence; /* in the order of lines, defaults first */
};

struct draft {
	struct setting settings[OPTIONS];
};

/* Add a value to an option, and set it; the text is copied. */
void draft_say(struct draft *, enum option_id, const char *text,
    const struct place *);
/* Remove all values of an option, and unset it. */
void draft_unsay(struct draft *, enum option_id);
/* Add values whose texts are filled in later, by their places. */
void draft_note(struct setting *, const struct place *, size_t count,
    bool remove);
/* Inherit options that are not set, and values that are appended to, from the
 * defaults, which must live longer. */
void draft_inherit(struct draft *, const struct draft *defaults);
/* Apply -=, after draft_inherit().  False: a value was not in its list, or
 * nothing is left, which is reported. */
bool draft_remove(struct draft *, const struct manner *, struct reports *);
/* Free all values; the draft is empty then. */
void draft_free(struct draft *);

#endif
