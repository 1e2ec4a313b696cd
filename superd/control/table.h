/*
 * Tables for people: each column is a fact (fact.h), each line an object.
 * Texts are aligned left, numbers right.  The caller writes the last column.
 */
#ifndef SUPERD_CONTROL_TABLE_H
#define SUPERD_CONTROL_TABLE_H

#include "superd/control/fact.h"

enum { TABLE_COLUMNS = 12 };

struct table {
	const struct fact *columns; /* FACT_TEXT, FACT_SECONDS or numbers */
	size_t count;		    /* at most TABLE_COLUMNS */
	unsigned width[TABLE_COLUMNS];
};

/* Make the columns wide enough for this object, and for the keys; before the
 * first line is written. */
void table_measure(struct table *, const void *object);
void table_measure_header(struct table *);
/* Write the cells of an object, and of the keys, each followed by a space,
 * without a newline. */
void table_row(const struct table *, struct text *, const void *object);
void table_header(const struct table *, struct text *);

#endif
