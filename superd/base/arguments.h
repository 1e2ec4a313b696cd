/*
 * Arguments: a command line described by a table with one row per option.
 * The table drives parsing, error messages and the help text.  Knows neither
 * what the options mean nor which program they belong to.
 */
#ifndef SUPERD_BASE_ARGUMENTS_H
#define SUPERD_BASE_ARGUMENTS_H

#include <stddef.h>
#include <stdio.h>

struct argument;

/* Store an option's value (NULL if the option takes none) in the target.
 * Returns 0, or -1 if the value is not what the row expects. */
typedef int argument_fn(void *target, const struct argument *,
    const char *value);

struct argument {
	char letter;	   /* -x; 0: none */
	const char *word;  /* --word; for words_parse(): -word */
	const char *value; /* name of the value in the help; NULL: none */
	argument_fn *set;
	size_t offset;	      /* of the member that set() writes */
	unsigned number;      /* constant to store, or largest value */
	const char *expected; /* for messages: "expected ..." */
	const char *help;     /* NULL: not listed in the help */
};

enum { ARGUMENTS_MAX = 64 };

struct arguments {
	const struct argument *rows;
	size_t count;	   /* at most ARGUMENTS_MAX */
	char problem[512]; /* message, set when parsing fails */
};

/*
 * Parse argv as getopt_long(3) does.  Returns the index of the first argument
 * that is not an option, or -1 with the message in problem.  Values are not
 * copied: they point into argv.
 */
int arguments_parse(struct arguments *, void *target, int argc, char *argv[]);
/* The same for options that are words with a single dash, as xinetd's are.
 * Every argument must be one; returns argc, or -1 as above. */
int words_parse(struct arguments *, void *target, int argc, char *argv[]);
/* Print one line for each row with a help text. */
void arguments_help(const struct arguments *, FILE *);

/*
 * Setters for the usual kinds of member.  argument_true sets a bool;
 * argument_constant stores number in an int or unsigned; argument_text points
 * a const char * at the value; argument_unsigned stores a decimal value from
 * 0 to number in an unsigned; argument_ignored stores nothing.
 */
argument_fn argument_true, argument_constant, argument_text, argument_unsigned;
argument_fn argument_ignored;
/* Parse decimal digits, 0 to most.  Returns 0, or -1 if text is anything
 * else. */
int argument_digits(const char *text, unsigned most, unsigned *result);

#endif
