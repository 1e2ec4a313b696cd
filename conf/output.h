/* Writing superd.conf: lines of "name = value", quoted for libconfuse. */
#ifndef CONF_OUTPUT_H
#define CONF_OUTPUT_H

#include <stdio.h>

#include "conf/attribute.h"

struct output {
	FILE *file;
	const char *indent;		   /* written before each name */
	const struct service *service;	   /* being printed; NULL: globals */
	const struct globals *globals;	   /* with the defaults of limits */
	const struct attribute *attribute; /* being printed */
};

/* Write "name = ", with the name of the attribute. */
void print_name(const struct output *);
void print_line(const struct output *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* Write a text so that libconfuse reads the same text. */
void print_quoted(const struct output *, const char *text);
/* Write a whole line: a quoted text, a word, a list of quoted texts. */
void print_text(const struct output *, const char *);
void print_word(const struct output *, const char *);
/* list: may be NULL */
void print_list(const struct output *, char *const *);

/* The value of the attribute, a limit, for a service that does not set it: of
 * the global options, or the default. */
unsigned output_silence(const struct output *);

#endif
