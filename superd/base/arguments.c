/* Parse a command line by its table, with getopt_long(3). */
#include "superd/base/arguments.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* getopt's number of a row without a letter, and the column of the helps. */
enum { NUMBER = 256, HELP_COLUMN = 25 };

/* Setting. */

static void *
member(void *target, const struct argument *argument)
{
	return (char *)target + argument->offset;
}

int
argument_true(void *target, const struct argument *argument, const char *value)
{
	(void)value;
	*(bool *)member(target, argument) = true;
	return 0;
}

int
argument_constant(void *target, const struct argument *argument,
    const char *value)
{
	(void)value;
	*(unsigned *)member(target, argument) = argument->number;
	return 0;
}

int
argument_ignored(void *target, const struct argument *argument,
    const char *value)
{
	(void)target;
	(void)argument;
	(void)value;
	return 0;
}

int
argument_text(void *target, const struct argument *argument, const char *value)
{
	*(const char **)member(target, argument) = value;
	return 0;
}

int
argument_digits(const char *text, unsigned most, unsigned *result)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || value > most)
		return -1;
	*result = (unsigned)value;
	return 0;
}

int
argument_unsigned(void *target, const struct argument *argument,
    const char *value)
{
	return argument_digits(value, argument->number,
	    member(target, argument));
}

/* Parsing. */

static int
expected(struct arguments *arguments, const char *name, const char *value,
    const struct argument *argument)
{
	snprintf(arguments->problem, sizeof(arguments->problem),
	    "%s%s%s: expected %s", name, value != NULL ? " " : "",
	    value != NULL ? value : "", argument->expected);
	return -1;
}

static int
problem(struct arguments *arguments, const char *name, const char *what)
{
	snprintf(arguments->problem, sizeof(arguments->problem), "%s: %s", name,
	    what);
	return -1;
}

static int
number_of(const struct arguments *arguments, size_t row)
{
	return arguments->rows[row].letter != '\0' ?
	    arguments->rows[row].letter :
	    NUMBER + (int)row;
}

/* NULL: there is none of this number. */
static const struct argument *
row_of(const struct arguments *arguments, int number)
{
	for (size_t i = 0; number != 0 && i < arguments->count; i++)
		if (number_of(arguments, i) == number)
			return &arguments->rows[i];
	return NULL;
}

struct getopt_rows {
	char letters[2 * ARGUMENTS_MAX + 2];
	struct option words[ARGUMENTS_MAX + 1];
};

static void
make_rows(const struct arguments *arguments, struct getopt_rows *rows)
{
	struct option *word = rows->words;
	char *letter = rows->letters;

	*letter++ = ':'; /* a value that is missing is told */
	for (size_t i = 0; i < arguments->count && i < ARGUMENTS_MAX; i++) {
		const struct argument *argument = &arguments->rows[i];

		if (argument->letter != '\0') {
			*letter++ = argument->letter;
			if (argument->value != NULL)
				*letter++ = ':';
		}
		if (argument->word != NULL)
			*word++ = (struct option){ argument->word,
				argument->value != NULL, NULL,
				number_of(arguments, i) };
	}
}

/* What stands at optind is the option itself, but for letters in one word. */
static const char *
typed(const char *word, int letter, char buf[3])
{
	if (strncmp(word, "--", 2) == 0)
		return word;
	snprintf(buf, 3, "-%c", letter);
	return buf;
}

static int
refuse(struct arguments *arguments, int letter, const char *word)
{
	const struct argument *argument = row_of(arguments, optopt);
	const char *name;
	char buf[3];

	name = typed(word, optopt, buf);
	if (letter == ':')
		return expected(arguments, name, NULL, argument);
	return problem(arguments, name,
	    argument == NULL ? "unknown option" : "expected no value");
}

static int
take(struct arguments *arguments, void *target, int letter, int word)
{
	const struct argument *argument = row_of(arguments, letter);
	char name[64];

	if (argument->set(target, argument, optarg) == 0)
		return 0;
	if (word >= 0)
		snprintf(name, sizeof(name), "--%s", argument->word);
	else
		snprintf(name, sizeof(name), "-%c", argument->letter);
	return expected(arguments, name, optarg, argument);
}

int
arguments_parse(struct arguments *arguments, void *target, int argc,
    char *argv[])
{
	struct getopt_rows rows = { .letters = "" };
	int letter, word, result;

	make_rows(arguments, &rows);
	opterr = 0;
	for (;;) {
		word = -1;
		letter = getopt_long(argc, argv, rows.letters, rows.words,
		    &word);
		if (letter == -1)
			return optind;
		if (letter == '?' || letter == ':')
			return refuse(arguments, letter, argv[optind - 1]);
		result = take(arguments, target, letter, word);
		if (result != 0)
			return result;
	}
}

static const struct argument *
find_word(const struct arguments *arguments, const char *text)
{
	for (size_t i = 0; text[0] == '-' && i < arguments->count; i++)
		if (strcmp(arguments->rows[i].word, text + 1) == 0)
			return &arguments->rows[i];
	return NULL;
}

int
words_parse(struct arguments *arguments, void *target, int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		const struct argument *argument = find_word(arguments, argv[i]);
		const char *name = argv[i], *value = NULL;

		if (argument == NULL)
			return problem(arguments, name, "unknown option");
		if (argument->value != NULL) {
			value = argv[++i];
			if (value == NULL)
				return expected(arguments, name, NULL,
				    argument);
		}
		if (argument->set(target, argument, value) != 0)
			return expected(arguments, name, value, argument);
	}
	return argc;
}

/* Help. */

void
arguments_help(const struct arguments *arguments, FILE *file)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *row = &arguments->rows[i];
		char text[64], letter[8] = "    ";

		if (row->help == NULL)
			continue;
		if (row->letter != '\0')
			snprintf(letter, sizeof(letter), "-%c%s", row->letter,
			    row->word != NULL ? ", " : "");
		snprintf(text, sizeof(text), "%s%s%s%s%s", letter,
		    row->word != NULL ? "--" : "",
		    row->word != NULL ? row->word : "",
		    row->value != NULL ? " " : "",
		    row->value != NULL ? row->value : "");
		fprintf(file, "  %-*s%s\n", HELP_COLUMN, text, row->help);
	}
}
