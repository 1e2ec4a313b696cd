/* Shared by the files of the reader of xinetd.conf, and private to them. */
#ifndef CONF_XINETD_H
#define CONF_XINETD_H

#include "conf/attribute.h"
#include "conf/readers.h"

/* xinetd_lines.c: lines of words. */

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

/* Read the next line that has words.  False: at the end of the text. */
bool lines_next(struct lines *);
/* Free the words. */
void lines_end(struct lines *);
/* Does the line begin with this word? */
bool lines_is(const struct lines *, const char *word);
/* Split "NAME = VALUE ...", for assignment_free().  False: the line is not an
 * assignment. */
bool lines_assignment(const struct lines *, struct assignment *);
void assignment_free(struct assignment *);

/* xinetd.c: the entries of all files. */

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

/* xinetd_attributes.c: the attributes, and their options of superd.conf. */

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

/* A line whose words are turned into those of superd.conf. */
struct turn {
	struct loader *loader;
	struct xentry *entry;
	const struct line *line;
	bool in_defaults;
	bool failed; /* a word is not valid, which was reported */
};

struct xattribute {
	const char *name;
	enum option_id option; /* OPTIONS: none */
	unsigned least, most;  /* values */
	unsigned flags;
	/* Turn the i-th word: a malloc'd one, or NULL to keep it.  Reports
	 * words that are not valid in xinetd.conf. */
	char *(*turn)(struct turn *, const char *word, size_t i);
};

/* The attribute of this name, in any case, or NULL. */
const struct xattribute *xattribute_find(const char *name);
/* report_hint() among the names of all attributes. */
const char *xattribute_hint(struct hint *, const char *name);

/* Report at the line; an error sets entry->broken. */
void turn_report(struct turn *, enum report_level, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* xinetd_ids.c: the ids of entries. */

/* The last line of an attribute; NULL if the entry has none. */
const struct line *entry_line(const struct xentry *, const struct xattribute *);
const char *xinetd_entry_id(const struct xentry *);
/* The ids in "enabled" or "disabled" of the defaults, for strings_free(); NULL
 * if it is not given. */
char **xinetd_switch_list(struct xinetd *, const char *name);
/* Is an entry disabled?  "disable = yes" wins over "enabled". */
bool xinetd_is_disabled(const struct xentry *, char *const *enabled,
    char *const *disabled);
/* Give services of the conf, from this index on, that share an id but no socket
 * ids of their own, with a warning. */
void xinetd_make_ids_differ(struct loader *, size_t from);

/* xinetd_drafts.c: making services of all entries. */

void xinetd_make_services(struct xinetd *);

#endif
