/*
 * Edits of configuration texts: an entry is switched on or off, and not an
 * octet more is changed.  Pure: what the edited text means, its caller finds
 * out.
 */
#ifndef CONF_EDIT_H
#define CONF_EDIT_H

#include "conf/report.h"

/* What update-inetd(8) puts in front of an entry of inetd.conf. */
#define EDIT_OFF_MARK "#<off># "

/* A text, of a file or a part of one. */
struct edited {
	char *text; /* malloc'd, NUL-terminated */
	size_t length;
};

/* Each of these makes a copy of the text with one change, in place of what
 * edited has.  False: the place is not in the text, or nothing there can be
 * changed so, and nothing was. */

/* Replace the word at a place, with its quotes. */
bool edit_word(struct edited *, const struct place *, const char *word);
/* Replace the word of "NAME = WORD", a line of its own in the section of
 * xinetd.conf that begins at a place. */
bool edit_setting(struct edited *, const struct place *, const char *name,
    const char *word);
/* Insert a line behind the brace that opens the section at a place; where more
 * follows on the line of the brace, on that line. */
bool edit_section(struct edited *, const struct place *, const char *line);
/* Insert a word at the beginning of a line, counted from 1. */
bool edit_line(struct edited *, unsigned line, const char *word);
/* Remove a word that a line begins with. */
bool edit_line_without(struct edited *, unsigned line, const char *word);

#endif
