/*
 * Tables for people: columns are facts (fact.h), a line for each object.
 * Texts stand to the left, numbers to the right; the last column is the
 * caller's.
 */
#ifndef SUPERD_CONTROL_TABLE_H
#define SUPERD_CONTROL_TABLE_H

#include "superd/control/fact.h"

enum { TABLE_COLUMNS = 12 };

struct table {
	const struct fact *columns; /* of FACT_TEXT, a number, FACT_SECONDS */
	size_t count;		    /* at most TABLE_COLUMNS */
	unsigned width[TABLE_COLUMNS];
};

/* Make room for this one; header: for the keys. */
void table_measure(struct table *, const void *object);
void table_measure_header(struct table *);
/* Its cells, each with a space behind it, and no end of line. */
void table_row(const struct table *, struct text *, const void *object);
void table_header(const struct table *, struct text *);

#endif
