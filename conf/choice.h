/*
 * Words with a meaning: tables of them, found and printed.
 */
#ifndef CONF_CHOICE_H
#define CONF_CHOICE_H

#include "conf/output.h"
#include "conf/build.h"

/* What superd itself does not do with it. */
enum lack {
	LACK_NONE,
	LACK_EFFECT, /* a warning: nothing gets more open by it */
	LACK_ALL     /* the entry cannot be served */
};

/* A word with its value; name NULL ends a table of them. */
struct choice {
	const char *name;
	unsigned value;
	enum lack lack;
};

/* conf/type_word.c: the words of log_on_*; conf/type_socket.c: of family. */
extern const struct choice log_words[], family_words[];

/* In any case; NULL: it is none of them. */
const struct choice *choice_find(const struct choice *, const char *word);

/* The word for a value; NULL: there is none. */
const char *choice_name(const struct choice *, unsigned value);

/* One word out of a table, the first value; false: reported. */
bool choice_take(struct build *, const struct choice *, unsigned *value);
/* Bits of all words; what is unknown is reported. */
unsigned choice_take_all(struct build *, const struct choice *);
/* A line with a word for each bit; none for no bits. */
void choice_print_all(const struct output *, unsigned bits,
    const struct choice *);

#endif
