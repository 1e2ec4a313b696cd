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

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
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
	place_pass(&words->place, *words->p++);
}

/* What is stepped over belongs to the word. */
static void
keep(struct words *words)
{
	words->scratch[words->used++] = *words->p;
	step(words);
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
	words->reports = reports;
	words->p = source->text;
	words->place = (struct place){ file, 1, 1 };
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

/* The word that was kept. */
static void
record_add(struct record *record, struct words *words,
    const struct place *place, bool quoted)
{
	record->words = xgrow(record->words, record->count,
	    sizeof(*record->words));
	record->words[record->count++] = (struct word){
		xstrndup(words->scratch, words->used), *place, quoted
	};
	words->used = 0;
}

/* Behind a backslash in a definition. */
static void
take_escape(struct words *words)
{
	static const char escapes[] = "ntr", bytes[] = "\n\t\r";
	const char *p = words->p, *known = strchr(escapes, *p);
	char hex[3] = "";

	if (*p == '\0')
		return;
	keep(words);
	if (*p == 'x' && isxdigit((unsigned char)p[1]) &&
	    isxdigit((unsigned char)p[2])) {
		memcpy(hex, p + 1, 2);
		step(words);
		step(words);
		words->scratch[words->used - 1] = (char)strtoul(hex, NULL, 16);
	} else if (known != NULL)
		words->scratch[words->used - 1] = bytes[known - escapes];
}

/* Of a definition, quotes may have lines and C's escapes in them; of a record,
 * a backslash within double ones protects a quote and itself. */
static bool
take_quoted(struct words *words, bool definition)
{
	struct place start = words->place;
	char quote = *words->p;

	step(words);
	while (*words->p != quote &&
	    (definition ? *words->p != '\0' : !at_line_end(words))) {
		const char *p = words->p;

		if (p[0] == '\\' && (definition || quote == '"') &&
		    (definition || p[1] == '"' || p[1] == '\\'))
			step(words);
		if (p != words->p && definition)
			take_escape(words);
		else
			keep(words);
	}
	if (*words->p == quote) {
		step(words);
		return true;
	}
	report_add(words->reports, REPORT_LOST, &start,
	    "this quote is not closed");
	return false;
}

static void
take_word(struct words *words, struct record *record)
{
	struct place start = words->place;
	bool quoted = is_quote(*words->p);

	while (!at_line_end(words) && !is_blank(*words->p))
		if (!is_quote(*words->p))
			keep(words);
		else if (!take_quoted(words, false))
			record->broken = true;
	record_add(record, words, &start, quoted);
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

/* "on" or "off", perhaps with NetBSD's next word behind it. */
static bool
take_switch(struct words *words, struct record *record)
{
	struct place start = words->place;
	size_t length = strncmp(words->p, "off", 3) == 0 ? 3 : 2;

	if (record->count != 1 ||
	    (length == 2 && strncmp(words->p, "on", 2) != 0) ||
	    strchr(" \t\r\n;#", words->p[length]) == NULL)
		return false;
	while (length-- > 0)
		keep(words);
	record_add(record, words, &start, false);
	return record->definition = true;
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
			    "this line is indented, but there is no line "
			    "for it to continue");
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

bool
word_is_mark(const struct word *word, const char *mark)
{
	return !word->quoted && strcmp(word->text, mark) == 0;
}

static void
take_token(struct words *words, struct record *record)
{
	struct place start = words->place;
	bool quoted = is_quote(*words->p);

	if (quoted)
		take_quoted(words, true);
	else
		do
			keep(words);
		while (strchr("=,;", words->p[-1]) == NULL &&
		    strchr("=,;#\"'", *words->p) == NULL &&
		    !isspace((unsigned char)*words->p));
	record_add(record, words, &start, quoted);
}

bool
words_definition(struct words *words, struct record *record)
{
	memset(record, 0, sizeof(*record));
	while (record->count == 0 ||
	    !word_is_mark(&record->words[record->count - 1], ";")) {
		while (isspace((unsigned char)*words->p))
			step(words);
		if (*words->p == '\0')
			return false;
		if (*words->p == '#')
			skip_line(words);
		else
			take_token(words, record);
	}
	return true;
}
