/*
 * The shape of a superd.conf: which statements stand in which section, and
 * where each value stands.  Knows braces, quotes and operators; not what any
 * option means, and not what a quoted text stands for.
 */
#ifndef CONF_SUPERD_SCAN_H
#define CONF_SUPERD_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/report.h"
#include "conf/source.h"

/* NAME = VALUE, NAME += {VALUE, ...}, NAME -= VALUE */
struct statement {
	char *name;
	struct place place;
	bool append;	      /* += or -= */
	bool remove;	      /* -= */
	struct place *values; /* where each of them stands */
	size_t count;
	size_t start, end; /* in the text */
};

enum section_kind { SECTION_GLOBAL, SECTION_DEFAULTS, SECTION_SERVICE };

struct section {
	enum section_kind kind;
	struct place place;
	size_t start, end; /* in the text */
	struct statement *list;
	size_t count;
	bool broken; /* an error in it was reported */
};

struct shape {
	struct section *sections; /* the first one is the global one */
	size_t count;
};

/*
 * Take a text apart whose comments are blank.  Braces and quotes that are not
 * closed were reported: what is in them is broken.  The text is changed so
 * that between start and end of each section there are only statements that
 * libconfuse understands: the braces around them are gone, a title has become
 * the statement "id", and what was reported is blank.  The global section's
 * are what is left when all others are blank.
 */
void superd_scan(struct shape *, struct source *, const char *file,
    struct reports *);
void superd_scan_free(struct shape *);
/* Overwrite a part of the text, but for its newlines. */
void superd_scan_blank(struct source *, size_t start, size_t end);

#endif
