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
	size_t count, room;
	bool broken;	 /* an error in it was reported */
	bool definition; /* the second word is "on" or "off" */
};

struct words {
	const struct source *source;
	struct reports *reports;
	const char *p;
	struct place place; /* of p */
	char *scratch;	    /* as long as the source */
};

void words_start(struct words *, const struct source *, const char *file,
    struct reports *);
void words_end(struct words *);
/* The next record; false at the end of the text. */
bool words_record(struct words *, struct record *);
/* The record takes the word. */
void record_take(struct record *, struct word *);
void record_free(struct record *);

/*
 * For NetBSD's "name on key = value, ...;": where a record's second word is
 * "on" or "off", the record ends there and the rest is read with these.
 * "=", "," and ";" are words of their own; quotes know C's escapes; # opens a
 * comment anywhere.  False at the end of the text.
 */
bool words_token(struct words *, struct word *);
/* Skip behind the next ";". */
void words_skip_definition(struct words *);

#endif
