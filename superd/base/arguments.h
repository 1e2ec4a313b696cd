/*
 * Arguments: a command line as rows, one for each option, from which it is
 * parsed, its errors are worded and its help is printed.  Knows neither what
 * the options mean nor who has them.
 */
#ifndef SUPERD_BASE_ARGUMENTS_H
#define SUPERD_BASE_ARGUMENTS_H

#include <stddef.h>
#include <stdio.h>

struct argument;

/* Take a value, or NULL where the option has none, into the target.  -1: it
 * is not what was expected. */
typedef int argument_fn(void *target, const struct argument *,
    const char *value);

struct argument {
	char letter;	   /* -x; 0: none */
	const char *word;  /* --word; of words_parse(): -word, whole */
	const char *value; /* its name in the help; NULL: takes none */
	argument_fn *set;
	size_t offset;	      /* of what the functions below set */
	unsigned number;      /* ... to this, or up to this */
	const char *expected; /* what its value has to be */
	const char *help;     /* NULL: not told of */
};

enum { ARGUMENTS_MAX = 64 };

struct arguments {
	const struct argument *rows;
	size_t count;	   /* ARGUMENTS_MAX at most */
	char problem[512]; /* what is wrong, where parsing failed */
};

/*
 * Parse as getopt_long(3) does: the number of the first argument that is no
 * option, or -1, and the problem names the option and what it expects.
 */
int arguments_parse(struct arguments *, void *target, int argc, char *argv[]);
/* The same for words with one dash, which all arguments have to be. */
int words_parse(struct arguments *, void *target, int argc, char *argv[]);
/* A line for each row that has a help. */
void arguments_help(const struct arguments *, FILE *);

/* What most rows do: a bool becomes true, an int or unsigned the number, a
 * text the value, an unsigned the value, decimal and up to the number. */
argument_fn argument_true, argument_constant, argument_text, argument_unsigned;
/* Decimal digits up to most, or -1. */
int argument_digits(const char *text, unsigned most, unsigned *result);

#endif
