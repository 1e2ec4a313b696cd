/*
 * The words of inetd.conf: records of words, each with its place.  Knows lines,
 * blanks, quotes and continuation lines; no meaning.
 */
#ifndef CONF_INETD_WORDS_H
#define CONF_INETD_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/report.h"
#include "conf/source.h"

struct word {
	char *text;
	struct place place;
	bool quoted; /* it begins with a quote */
};

struct record {
	struct word *words;
	size_t count;
	bool broken;	 /* an error in it was reported */
	bool definition; /* the second word is "on" or "off" */
};

struct words {
	struct reports *reports;
	const char *p;
	struct place place; /* of p */
	char *scratch;	    /* as long as the source */
	size_t used;
};

void words_start(struct words *, const struct source *, const char *file,
    struct reports *);
/* Free what reading has allocated. */
void words_end(struct words *);
/* Read the next record, for record_free().  False: at the end of the text. */
bool words_record(struct words *, struct record *);
void record_free(struct record *);

/*
 * Read the rest of NetBSD's "name on key = value, ...;", after a record whose
 * second word is "on" or "off", up to the ";", which is the last word.  "=" and
 * "," are words of their own; quoted words have the escapes of C; # starts a
 * comment anywhere.  False: there is no ";".
 */
bool words_definition(struct words *, struct record *);
/* Is it this unquoted mark, ";", "=" or ","? */
bool word_is_mark(const struct word *, const char *mark);

#endif
