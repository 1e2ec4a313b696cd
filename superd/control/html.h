/* HTML: text in which every string from outside is only text. */
#ifndef SUPERD_CONTROL_HTML_H
#define SUPERD_CONTROL_HTML_H

#include "superd/base/text.h"
#include "superd/control/fact.h"

/* Append a string, for content or for a value between quotes.  What is not
 * UTF-8, and control characters, become U+FFFD. */
void html_text(struct text *, const char *);
/* Append a cell of a table, for a fact of an object. */
void html_cell(struct text *, const struct fact *, const void *object);
/* Append the row of a table's heads: the keys of its facts. */
void html_heads(struct text *, const struct facts *);
/* Append a row: all facts of an object. */
void html_row(struct text *, const struct facts *, const void *object);

#endif
