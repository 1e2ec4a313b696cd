/*
 * What the files of xinetd.conf's reader share: lines of words, entries as
 * text with places, and an entry on its way to a service.
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

enum operator{ OP_SET, OP_ADD, OP_REMOVE };

struct assignment {
	char *name;
	enum operator operator;
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
	enum operator operator;
	char **values;
	struct place place;
	bool in_defaults;
};

struct entry {
	char *name;
	const char *id; /* set once all is read */
	struct line *lines;
	size_t count, room;
	struct place place;
	bool broken; /* a report says why it cannot be served */
};

struct xinetd {
	struct loader *loader;
	struct entry defaults;
	struct entry *entries;
	size_t count, room;
	bool told_libwrap; /* that nobody asks it */
};

/* xinetd_attributes.c: the table, and what each attribute sets. */

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

struct unmade;

struct xattribute {
	const char *name; /* superd.conf's, but for three */
	void (*set)(struct unmade *);
	unsigned least, most; /* values */
	unsigned flags;
};

/* An entry that becomes a service. */
struct unmade {
	struct xinetd *xinetd;
	const struct entry *entry;
	struct loader loader; /* the loader, with reports of our own */
	struct service *service;
	bool defaults_only; /* not a service: defaults are checked */
	/* what the attribute that is being set was given */
	const struct xattribute *attribute;
	const struct line *line; /* its last */
	char **values;		 /* merged with the defaults */
	size_t n;
	/* what had to wait for others; texts live as long as the draft */
	unsigned types, flags; /* option_type, option_flag */
	bool v6only, v6only_set, groups, wait_set;
	const char *bind, *port, *user, *group, *rpc_version, *rpc_number;
	char **args;
	const struct place *places[3]; /* of user, bind, access lists */
};

enum { PLACE_USER, PLACE_BIND, PLACE_ACCESS };

const struct xattribute *xattribute_find(const char *name);
/* In the order in which they are set; NULL after the last. */
const struct xattribute *xattribute_at(size_t);
/* report_hint() with their names. */
const char *xattribute_hint(struct hint *, const char *name);

/* The line of draft means nothing: its entry cannot be served. */
void draft_fail(struct unmade *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
void draft_warn(struct unmade *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* xinetd_merge.c: values of an entry and of the defaults together. */

/* The last line of an attribute; NULL if the entry has none. */
const struct line *entry_line(const struct entry *, const struct xattribute *);

/* NULL if nobody gives the attribute; draft->line is the last that does. */
char **draft_merge(struct unmade *, const struct xattribute *);
/* All attributes.  Their values live in kept, which is malloc'd, as long as
 * the draft: texts of it point to them. */
void draft_set(struct unmade *, char ****kept);
void draft_free_kept(char ***kept);

/* xinetd_ids.c: what an entry is called. */
const char *xinetd_entry_id(const struct entry *);
/* The ids of "enabled" or "disabled"; NULL if it is not given. */
char **xinetd_switch_list(struct xinetd *, const char *name);
/* "disable = yes" wins over "enabled". */
bool xinetd_is_disabled(const struct entry *, char *const *enabled,
    char *const *disabled);
/* Services of the conf from this one on that share an id and no
 * socket get longer ones, with a warning. */
void xinetd_make_ids_differ(struct loader *, size_t from);

/* xinetd_services.c: from entries to services. */

void xinetd_make_services(struct xinetd *);

#endif
