/*
 * What the files of xinetd.conf's reader share: lines of words, entries as
 * text with places, and an entry on its way to a draft.
 */
#ifndef CONF_XINETD_H
#define CONF_XINETD_H

#include "conf/attribute.h"
#include "conf/readers.h"

/* xinetd_lines.c: a text as lines of words. */

struct lines {
	struct reports *reports;
	char *rest;	    /* of the text, which is written to */
	struct place place; /* of the current line's first word */
	char **words;	    /* of the current line */
	size_t count;
	bool again; /* lines_next gives the current line */
};

enum how { OP_SET, OP_ADD, OP_REMOVE };

struct assignment {
	char *name;
	enum how how;
	char **values; /* never NULL */
	bool glued;    /* no blank before the operator */
};

/* The next line that has words; false at the end. */
bool lines_next(struct lines *);
void lines_end(struct lines *);
bool lines_is(const struct lines *, const char *word);
/* "NAME = VALUE ..."; false if the line is none. */
bool lines_assignment(const struct lines *, struct assignment *);
void assignment_free(struct assignment *);

/* xinetd.c: entries of all files. */

struct line {
	const struct xattribute *attribute;
	enum how how;
	char **values;
	struct place place;
};

struct xentry {
	char *name;
	const char *id; /* set once all is read */
	struct line *lines;
	size_t count;
	struct place place;
	bool broken; /* a report says why it cannot be served */
};

struct xinetd {
	struct loader *loader;
	struct xentry defaults;
	struct xentry *entries;
	size_t count;
};

/* xinetd_attributes.c: which there are, and what they are in superd.conf. */

enum xattribute_flag {
	DEFAULTS = 1, /* may stand in defaults, too */
	ONLY_DEFAULTS = 2,
	AGAIN = 4,     /* may be given again; += and -= are known */
	NO_REMOVE = 8, /* ... but -= is not */
	LIST = 16,     /* any number of values */
	EARLY = 32,    /* xinetd copies it from defaults when it
			  reads an entry, not at the end */
	ADDRESSES = 64 /* values of access.h */
};

/* A line whose words become superd.conf's. */
struct turn {
	struct loader *loader;
	struct xentry *entry;
	const struct line *line;
	bool in_defaults;
	bool failed; /* a word has no meaning: reported */
};

struct xattribute {
	const char *name;
	enum option_id option; /* OPTIONS: none */
	unsigned least, most;  /* values */
	unsigned flags;
	/* Of one word, the i-th: malloc'd, or NULL where it stays as it is.
	 * What has no meaning in xinetd.conf is reported. */
	char *(*turn)(struct turn *, const char *word, size_t i);
};

/* In any case; NULL if there is none. */
const struct xattribute *xattribute_find(const char *name);
/* report_hint() with their names. */
const char *xattribute_hint(struct hint *, const char *name);

/* About the line; an error makes the entry broken. */
void turn_report(struct turn *, enum report_level, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* xinetd_ids.c: what an entry is called. */

/* The last line of an attribute; NULL if the entry has none. */
const struct line *entry_line(const struct xentry *, const struct xattribute *);
const char *xinetd_entry_id(const struct xentry *);
/* The ids of "enabled" or "disabled"; NULL if it is not given. */
char **xinetd_switch_list(struct xinetd *, const char *name);
/* "disable = yes" wins over "enabled". */
bool xinetd_is_disabled(const struct xentry *, char *const *enabled,
    char *const *disabled);
/* Services of the conf from this one on that share an id and no
 * socket get longer ones, with a warning. */
void xinetd_make_ids_differ(struct loader *, size_t from);

/* xinetd_drafts.c: from entries to drafts, and to services. */

void xinetd_make_services(struct xinetd *);

#endif
