/* Records and words of inetd.conf. */
#include "conf/inetd_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The end of a line, or of the text. */
static bool
at_line_end(const struct words *words)
{
	const char *p = words->p;

	return *p == '\0' || *p == '\n' ||
	    (p[0] == '\r' && (p[1] == '\n' || p[1] == '\0'));
}

static void
step(struct words *words)
{
	words->place.column++;
	if (*words->p == '\n') {
		words->place.line++;
		words->place.column = 1;
	}
	words->p++;
}

static void
skip_blanks(struct words *words)
{
	while (is_blank(*words->p))
		step(words);
}

static void
skip_line(struct words *words)
{
	while (*words->p != '\0' && *words->p != '\n')
		step(words);
	if (*words->p == '\n')
		step(words);
}

void
words_start(struct words *words, const struct source *source, const char *file,
    struct reports *reports)
{
	memset(words, 0, sizeof(*words));
	words->source = source;
	words->reports = reports;
	words->p = source->text;
	words->place.file = file;
	words->place.line = words->place.column = 1;
	words->scratch = xmalloc(source->length + 1);
}

void
words_end(struct words *words)
{
	free(words->scratch);
	words->scratch = NULL;
}

void
record_free(struct record *record)
{
	for (size_t i = 0; i < record->count; i++)
		free(record->words[i].text);
	free(record->words);
	memset(record, 0, sizeof(*record));
}

void
record_take(struct record *record, struct word *word)
{
	if (record->count == record->room) {
		record->room = record->room * 2 + 16;
		record->words = xreallocarray(record->words, record->room,
		    sizeof(*record->words));
	}
	record->words[record->count++] = *word;
}

static void
record_add(struct record *record, const char *text, size_t length,
    const struct place *place, bool quoted)
{
	struct word word = { xstrndup(text, length), *place, quoted };

	record_take(record, &word);
}

/* Within double quotes a backslash protects a quote and itself. */
static size_t
take_quoted(struct words *words, struct record *record, size_t used)
{
	struct place start = words->place;
	char quote = *words->p;

	step(words);
	while (!at_line_end(words) && *words->p != quote) {
		if (quote == '"' && words->p[0] == '\\' &&
		    (words->p[1] == '"' || words->p[1] == '\\'))
			step(words);
		words->scratch[used++] = *words->p;
		step(words);
	}
	if (*words->p == quote) {
		step(words);
		return used;
	}
	report_add(words->reports, REPORT_LOST, &start,
	    "this quote is never closed");
	record->broken = true;
	return used;
}

static void
take_word(struct words *words, struct record *record)
{
	struct place start = words->place;
	bool quoted = *words->p == '"' || *words->p == '\'';
	size_t used = 0;

	while (!at_line_end(words) && !is_blank(*words->p)) {
		if (*words->p == '"' || *words->p == '\'') {
			used = take_quoted(words, record, used);
			continue;
		}
		words->scratch[used++] = *words->p;
		step(words);
	}
	record_add(record, words->scratch, used, &start, quoted);
}

/* Does the record go on in the line that begins here?  Comments that are
 * indented stand between its lines. */
static bool
continues(struct words *words)
{
	while (is_blank(*words->p)) {
		const char *p = words->p + strspn(words->p, " \t\r");

		if (*p != '\n' && *p != '\0' && *p != '#')
			return true;
		if (*p != '#')
			return false; /* blank line */
		skip_line(words);
	}
	return false;
}

/* "on" or "off", perhaps with NetBSD's next token behind it. */
static bool
take_switch(struct words *words, struct record *record)
{
	static const char *const switches[] = { "on", "off" };

	for (size_t i = 0; record->count == 1 && i < 2; i++) {
		size_t length = strlen(switches[i]);

		if (strncmp(words->p, switches[i], length) != 0 ||
		    strchr(" \t\r\n;#", words->p[length]) == NULL)
			continue;
		record_add(record, words->p, length, &words->place, false);
		while (length-- > 0)
			step(words);
		record->definition = true;
		return true;
	}
	return false;
}

static void
read_comment(struct words *words)
{
	if (words->p[1] == '@')
		report_add(words->reports, REPORT_SYNTAX, &words->place,
		    "IPsec policies are not supported; use the host's own "
		    "tools for them");
}

/*
 * Lines that hold no record are gone through; those that cannot are
 * reported.  update-inetd switches an entry off by "#<off># " in front of its
 * first line alone: the lines that continue it are off, too.
 */
static bool
find_record(struct words *words)
{
	static const char off_mark[] = "#<off>#";
	bool off = false;

	while (*words->p != '\0') {
		const char *p = words->p + strspn(words->p, " \t\r");

		if (*words->p == '#') {
			read_comment(words);
			off = strncmp(words->p, off_mark,
				  sizeof(off_mark) - 1) == 0;
		} else if (*p == '\n' || *p == '\0') {
			off = false;
		} else if (!is_blank(*words->p)) {
			return true;
		} else if (*p != '#' && !off) {
			skip_blanks(words);
			report_add(words->reports, REPORT_LOST, &words->place,
			    "this line is indented, but there "
			    "is no line that it could continue");
		}
		skip_line(words);
	}
	return false;
}

bool
words_record(struct words *words, struct record *record)
{
	memset(record, 0, sizeof(*record));
	if (!find_record(words))
		return false;
	do {
		skip_blanks(words);
		while (!at_line_end(words)) {
			if (take_switch(words, record))
				return true;
			take_word(words, record);
			skip_blanks(words);
		}
		skip_line(words);
	} while (continues(words));
	return true;
}

/* NetBSD's definitions. */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind a backslash. */
static char
take_escape(struct words *words)
{
	char c = *words->p;

	if (c == 'x' && hex(words->p[1]) >= 0 && hex(words->p[2]) >= 0) {
		c = (char)(hex(words->p[1]) * 16 + hex(words->p[2]));
		step(words);
		step(words);
		step(words);
		return c;
	}
	if (c != '\0')
		step(words);
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	default:
		return c;
	}
}

static size_t
take_string(struct words *words)
{
	struct place start = words->place;
	char quote = *words->p;
	size_t used = 0;

	step(words);
	while (*words->p != '\0' && *words->p != quote) {
		if (*words->p == '\\') {
			step(words);
			words->scratch[used++] = take_escape(words);
			continue;
		}
		words->scratch[used++] = *words->p;
		step(words);
	}
	if (*words->p == quote)
		step(words);
	else
		report_add(words->reports, REPORT_LOST, &start,
		    "this quote is never closed");
	return used;
}

static void
skip_space(struct words *words)
{
	while (isspace((unsigned char)*words->p) || *words->p == '#') {
		if (*words->p == '#')
			skip_line(words);
		else
			step(words);
	}
}

bool
words_token(struct words *words, struct word *word)
{
	size_t used = 0;

	skip_space(words);
	word->place = words->place;
	word->quoted = *words->p == '"' || *words->p == '\'';
	if (*words->p == '\0')
		return false;
	if (word->quoted) {
		used = take_string(words);
	} else if (strchr("=,;", *words->p) != NULL) {
		words->scratch[used++] = *words->p;
		step(words);
	} else
		while (*words->p != '\0' &&
		    strchr("=,;#\"'", *words->p) == NULL &&
		    !isspace((unsigned char)*words->p)) {
			words->scratch[used++] = *words->p;
			step(words);
		}
	word->text = xstrndup(words->scratch, used);
	return true;
}

void
words_skip_definition(struct words *words)
{
	struct word word;
	bool end = false;

	while (!end && words_token(words, &word)) {
		end = !word.quoted && strcmp(word.text, ";") == 0;
		free(word.text);
	}
}
