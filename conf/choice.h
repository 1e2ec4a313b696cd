/* Choices: options whose values are words of a table. */
#ifndef CONF_CHOICE_H
#define CONF_CHOICE_H

#include "conf/output.h"
#include "conf/build.h"

/* Words that other superservers know and superd does not support. */
enum lack {
	LACK_NONE,
	LACK_EFFECT, /* ignored with a warning: it opens nothing */
	LACK_ALL     /* the entry cannot be served */
};

/* A word and its value; a table ends with name NULL. */
struct choice {
	const char *name;
	unsigned value;
	enum lack lack;
};

/* conf/type_word.c: the words of log_on_*; conf/type_socket.c: of family. */
extern const struct choice log_words[], family_words[];

/* The row of a word, in any case, or NULL. */
const struct choice *choice_find(const struct choice *, const char *word);
/* The word of a value, or NULL. */
const char *choice_name(const struct choice *, unsigned value);
/* Read the first value of the option as one word.  False: unknown, which is
 * reported. */
bool choice_take(struct build *, const struct choice *, unsigned *value);
/* Read all values of the option as a set of bits; unknown ones are reported. */
unsigned choice_take_all(struct build *, const struct choice *);
/* Print a line with a word for each bit; nothing if there are none. */
void choice_print_all(const struct output *, unsigned bits,
    const struct choice *);

#endif
