/*
 * Lines and words of xinetd.conf.  Knows blanks, quotes and comments, and
 * what an assignment looks like; nothing of attributes.
 */
#include "conf/xinetd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"

static bool
is_blank(char c)
{
	return isspace((unsigned char)c) != 0;
}

static void
warn_at(struct lines *lines, const char *line, const char *p, const char *text)
{
	struct place place = lines->place;

	place.column = (unsigned)(p - line) + 1;
	report_add(lines->reports, REPORT_WARNING, &place, "%s", text);
}

/* Up to the next blank; quotes keep blanks in a word, and are taken off in
 * place.  A quote without a second one is a letter like others. */
static char *
take_word(struct lines *lines, char *p, const char *line)
{
	char *start = p, *to = p, quote = '\0', *word;
	bool quoted = false;

	for (; *p != '\0' && (quote != '\0' || !is_blank(*p)); p++) {
		if (quote == '\0' && (*p == '"' || *p == '\'') &&
		    strchr(p + 1, *p) != NULL) {
			quote = *p;
			quoted = true;
		} else if (quote != '\0' && *p == quote)
			quote = '\0';
		else
			*to++ = *p;
	}
	if (quoted)
		warn_at(lines, line, start,
		    "quotes group words: xinetd takes them literally");
	word = xstrndup(start, (size_t)(to - start));
	strings_add(&lines->words, word);
	lines->count++;
	free(word);
	return p;
}

static void
split_line(struct lines *lines, char *line)
{
	char *p = line;

	for (;;) {
		while (is_blank(*p))
			p++;
		if (*p == '\0')
			return;
		if (*p == '#') {
			if (lines->count > 0)
				warn_at(lines, line, p,
				    "a comment after values: xinetd takes "
				    "its words as values");
			return;
		}
		if (lines->count == 0)
			lines->place.column = (unsigned)(p - line) + 1;
		p = take_word(lines, p, line);
	}
}

bool
lines_next(struct lines *lines)
{
	if (lines->again) {
		lines->again = false;
		return true;
	}
	lines_end(lines);
	while (lines->rest != NULL && lines->count == 0) {
		char *line = strsep(&lines->rest, "\n");

		lines->place.line++;
		split_line(lines, line);
	}
	return lines->count > 0;
}

void
lines_end(struct lines *lines)
{
	strings_free(lines->words);
	lines->words = NULL;
	lines->count = 0;
}

bool
lines_is(const struct lines *lines, const char *word)
{
	return strcmp(lines->words[0], word) == 0;
}

/* Behind the operator; NULL if there is none. */
static const char *
take_operator(const char *p, enum how *how)
{
	if (*p == '=') {
		*how = OP_SET;
		return p + 1;
	}
	if ((*p != '+' && *p != '-') || p[1] != '=')
		return NULL;
	*how = *p == '+' ? OP_ADD : OP_REMOVE;
	return p + 2;
}

/* Where the operator stands in "port=21", "env+=A=1". */
static const char *
operator_within(const char *word)
{
	const char *p = strchr(word, '=');

	if (p != NULL && p > word && (p[-1] == '+' || p[-1] == '-'))
		p--;
	return p == word ? NULL : p;
}

bool
lines_assignment(const struct lines *lines, struct assignment *assignment)
{
	const char *name = lines->words[0], *within = operator_within(name);
	const char *value;
	size_t next = within != NULL ? 1 : 2;

	memset(assignment, 0, sizeof(*assignment));
	if (within == NULL && lines->count < 2)
		return false;
	value = take_operator(within != NULL ? within : lines->words[1],
	    &assignment->how);
	if (value == NULL)
		return false;
	assignment->glued = within != NULL;
	assignment->name = within != NULL ?
	    xstrndup(name, (size_t)(within - name)) :
	    xstrdup(name);
	assignment->values = xcalloc(1, sizeof(char *));
	if (*value != '\0')
		strings_add(&assignment->values, value);
	for (; next < lines->count; next++)
		strings_add(&assignment->values, lines->words[next]);
	return true;
}

void
assignment_free(struct assignment *assignment)
{
	free(assignment->name);
	strings_free(assignment->values);
}
