/*
 * Draft: a service as text, whatever the dialect: of each option the values
 * with their places.  Knows how values are taken over from the defaults,
 * added and taken away; not what they mean, which conf/make.h knows.
 */
#ifndef CONF_DRAFT_H
#define CONF_DRAFT_H

#include "conf/attribute.h"
#include "conf/manner.h"

struct value {
	char *text;
	struct place place;
	bool remove;	/* to be taken away from those before it */
	bool inherited; /* it stands in the defaults */
};

/* What a draft says of one option. */
struct setting {
	bool set;
	bool append;	    /* only "+=", "-=": to what the defaults say */
	bool borrowed;	    /* the defaults' own, which free it */
	struct place place; /* of the option's name */
	struct value *values;
	size_t count;
	unsigned sequence; /* in the order of lines, defaults first */
};

struct draft {
	struct setting settings[OPTIONS];
};

/* One more value of an option, at its place; the text is copied.  The first
 * one sets the option. */
void draft_say(struct draft *, enum option_id, const char *text,
    const struct place *);
/* Nothing is said of an option. */
void draft_unsay(struct draft *, enum option_id);
/* The places of values whose texts are read later. */
void draft_note(struct setting *, const struct place *, size_t count,
    bool remove);
/* What a draft does not say it takes from the defaults, which live longer. */
void draft_inherit(struct draft *, const struct draft *defaults);
/* Take away what is marked so, once the defaults' values are there, too.
 * False if something was not there: reported. */
bool draft_remove(struct draft *, const struct manner *, struct reports *);
/* What it says; it can be filled again. */
void draft_free(struct draft *);

#endif
