/* Lines and words of unit files. */
#include "conf/unit_file.h"

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"

static const char blanks[] = " \t\r";

static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, blanks);
	length = strlen(text);
	while (length > 0 && strchr(blanks, text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
	return text;
}

/* Where a file is read line by line. */
struct reading {
	struct unit *unit;
	struct reports *reports;
	const char *file;
	char *next;
	unsigned line;	     /* that next is */
	const char *section; /* or NULL */
};

static char *
next_line(struct reading *reading)
{
	reading->line++;
	return strsep(&reading->next, "\n");
}

static bool
is_comment(const char *text)
{
	text += strspn(text, blanks);
	return *text == '#' || *text == ';';
}

/* Does a backslash at its end continue it?  That is removed. */
static bool
goes_on(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == '\r')
		length--;
	if (length == 0 || text[length - 1] != '\\')
		return false;
	text[length - 1] = ' ';
	text[length] = '\0';
	return true;
}

/* A whole line, malloc'd; comments between its parts are left out. */
static char *
join_lines(struct reading *reading, char *first)
{
	bool more = goes_on(first);
	char *text = xstrdup(first), *part, *longer;

	while (more && (part = next_line(reading)) != NULL) {
		if (is_comment(part))
			continue;
		more = goes_on(part);
		longer = xasprintf("%s%s", text, part);
		free(text);
		text = longer;
	}
	return text;
}

static void
free_line(struct unit_line *line)
{
	free(line->section);
	free(line->name);
	free(line->value);
	free(line->file);
}

static void
forget(struct unit *unit, const char *section, const char *name)
{
	size_t to = 0;

	for (size_t i = 0; i < unit->count; i++) {
		struct unit_line *line = &unit->lines[i];

		if (strcmp(line->section, section) == 0 &&
		    strcmp(line->name, name) == 0)
			free_line(line);
		else
			unit->lines[to++] = *line;
	}
	unit->count = to;
}

static void
add(struct reading *reading, const char *name, const char *value,
    unsigned number)
{
	struct unit *unit = reading->unit;

	if (*value == '\0') {
		forget(unit, reading->section, name);
		return;
	}
	unit->lines = xgrow(unit->lines, unit->count, sizeof(*unit->lines));
	unit->lines[unit->count++] = (struct unit_line){
		.section = xstrdup(reading->section),
		.name = xstrdup(name),
		.value = xstrdup(value),
		.file = xstrdup(reading->file),
		.line = number
	};
}

static void
complain(const struct reading *reading, unsigned number, const char *expected)
{
	const struct place place = { .file = reading->file, .line = number };

	report_add(reading->reports, REPORT_SYNTAX, &place, "expected %s",
	    expected);
}

static void
take(struct reading *reading, char *text, unsigned number)
{
	char *equals = strchr(text, '=');

	if (equals == NULL || equals == text)
		complain(reading, number, "[Section] or Name=value");
	else if (reading->section == NULL)
		complain(reading, number, "a [Section] first");
	else {
		*equals = '\0';
		add(reading, trim(text), trim(equals + 1), number);
	}
}

/* The name of a section is kept until the end, in the file's own memory. */
static bool
take_section(struct reading *reading, char *text)
{
	char *end;

	text = trim(text);
	end = strchr(text, ']');
	if (*text != '[' || end == NULL || end[1] != '\0')
		return false;
	*end = '\0';
	reading->section = text + 1;
	return true;
}

void
unit_read(struct unit *unit, struct source *source, struct reports *reports)
{
	struct reading reading = { .unit = unit,
		.reports = reports,
		.file = source->name,
		.next = source->text };
	char *text, *line;

	while ((text = next_line(&reading)) != NULL) {
		unsigned number = reading.line;

		if (is_comment(text) || take_section(&reading, text))
			continue;
		line = join_lines(&reading, text);
		if (*trim(line) != '\0')
			take(&reading, trim(line), number);
		free(line);
	}
}

void
unit_free(struct unit *unit)
{
	for (size_t i = 0; i < unit->count; i++)
		free_line(&unit->lines[i]);
	free(unit->lines);
	memset(unit, 0, sizeof(*unit));
}

/* Words. */

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);

	return at == NULL ? -1 : (int)(at - digits);
}

/* After a backslash; returns what is behind it.  A NUL cannot be said. */
static const char *
unescape(const char *p, char *to)
{
	static const char from[] = "abfnrtvs", means[] = "\a\b\f\n\r\t\v ";
	const char *at = *p == '\0' ? NULL : strchr(from, *p);

	if (*p == 'x' && hex(p[1]) >= 0 && hex(p[2]) >= 0 &&
	    (p[1] != '0' || p[2] != '0')) {
		*to = (char)(hex(p[1]) * 16 + hex(p[2]));
		return p + 3;
	}
	*to = at != NULL ? means[at - from] : *p == '\0' ? '\\' : *p;
	return *p == '\0' ? p : p + 1;
}

static const char *
next_word(const char *p, char *to, bool *bad)
{
	char quote = '\0';

	for (; *p != '\0' && (quote != '\0' || !strchr(" \t\n\r", *p));) {
		if (*p == '\\')
			p = unescape(p + 1, to++);
		else if (quote != '\0' ? *p == quote : *p == '"' || *p == '\'')
			quote = quote != '\0' ? '\0' : *p, p++;
		else
			*to++ = *p++;
	}
	*to = '\0';
	*bad |= quote != '\0';
	return p;
}

char **
unit_words(const char *text, bool *bad)
{
	char *word = xcalloc(strlen(text) + 1, 1);
	char **words = NULL;

	*bad = false;
	for (;;) {
		text += strspn(text, " \t\n\r");
		if (*text == '\0')
			break;
		text = next_word(text, word, bad);
		strings_add(&words, word);
	}
	free(word);
	return words;
}
