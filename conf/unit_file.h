/*
 * Unit files of systemd as lines, systemd.syntax(7), and the words of a command
 * line in them, systemd.service(5).  Knows nothing of what the names mean.
 */
#ifndef CONF_UNIT_FILE_H
#define CONF_UNIT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/report.h"
#include "conf/source.h"

struct unit_line {
	char *section, *name, *value;
	char *file;
	unsigned line;
	bool used; /* the caller's */
};

/* A unit with its drop-ins: all zero at first. */
struct unit {
	struct unit_line *lines;
	size_t count;
};

/* Add the lines of a file.  An empty value removes the lines of that name
 * before it.  What is neither a section nor NAME=VALUE is reported. */
void unit_read(struct unit *, struct source *, struct reports *);
void unit_free(struct unit *);

/* Split into words, with quotes and escapes undone: an array that ends with
 * NULL, for strings_free(); NULL if there is no word.  *bad is set if a quote
 * is not closed. */
char **unit_words(const char *text, bool *bad);

#endif
