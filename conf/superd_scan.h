/*
 * The shape of a superd.conf: which statements stand in which section, and
 * where each value stands.  Knows what may follow what; not what any option
 * means, and not what a quoted text stands for.
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
 * Find the statements of a text, in place.  Errors are reported with their
 * columns (REPORT_LOST: what follows may be lost, too), and make their section
 * broken; comments, quotes and braces that are not closed, at the place where
 * they were opened.
 *
 * Afterwards the text between start and end of each section holds only
 * statements that libconfuse understands: comments are blank (the library
 * would miscount lines after them), and so are the braces around the section
 * and the statements that were reported; -= has become +=, and a title the
 * statement "id".  Those of the global section are what is left when all
 * other sections are blank.
 */
void superd_scan(struct shape *, struct source *, const char *file,
    struct reports *);
void superd_scan_free(struct shape *);

#endif
