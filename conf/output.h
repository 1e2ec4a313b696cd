/*
 * How superd.conf's text is written: lines of "name = value", quoted as its
 * reader takes them.
 */
#ifndef CONF_OUTPUT_H
#define CONF_OUTPUT_H

#include <stdio.h>

#include "conf/attribute.h"

/* Where it goes; indent: what stands before a name. */
struct output {
	FILE *file;
	const char *indent;
	const struct service *service;	   /* that is printed; NULL: globals */
	const struct globals *globals;	   /* what services take limits from */
	const struct attribute *attribute; /* that is printed */
};

/* "name = " */
void print_name(const struct output *);
void print_line(const struct output *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* What libconfuse reads back as the same text. */
void print_quoted(const struct output *, const char *text);
/* The rest are whole lines. */
void print_text(const struct output *, const char *);
void print_word(const struct output *, const char *);
/* list: may be NULL */
void print_list(const struct output *, char *const *);

/*
 * What a limit is where the section of a service says nothing: what the
 * global section says, or what is usual.
 */
unsigned output_silence(const struct output *);

#endif
