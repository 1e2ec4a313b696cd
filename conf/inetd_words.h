/*
 * Words: an inetd.conf text taken apart into records of words, each with its
 * place.  Knows lines, blanks, quotes and continuation; nothing of meaning.
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
void words_end(struct words *);
/* The next record; false at the end of the text. */
bool words_record(struct words *, struct record *);
void record_free(struct record *);

/*
 * NetBSD's "name on key = value, ...;": where a record's second word is "on"
 * or "off", the record ends there, and this is the rest, to the ";" which is
 * its last word.  "=" and "," are words of their own, too; quotes know C's
 * escapes; # opens a comment anywhere.  False where no ";" comes.
 */
bool words_definition(struct words *, struct record *);
/* Is it this one of ";", "=" and ","? */
bool word_is_mark(const struct word *, const char *mark);

#endif
