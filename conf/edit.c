/* Edits of texts, at places as reports have them. */
#include "conf/edit.h"

#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

static char *
find_line(const struct edited *edited, unsigned line)
{
	char *p = edited->text;

	while (p != NULL && --line > 0) {
		p = strchr(p, '\n');
		if (p != NULL)
			p++;
	}
	return p;
}

static char *
find(const struct edited *edited, const struct place *place)
{
	char *p = place->line > 0 ? find_line(edited, place->line) : NULL;

	size_t column = place->column > 0 ? place->column - 1 : 0;

	return p != NULL && strcspn(p, "\n") >= column ? p + column : NULL;
}

/* Replace what is from start to end, parts of the text. */
static void
replace(struct edited *edited, const char *start, const char *end,
    const char *with)
{
	char *text = xasprintf("%.*s%s%s", (int)(start - edited->text),
	    edited->text, with, end);

	free(edited->text);
	edited->text = text;
	edited->length = strlen(text);
}

static char *
end_of_word(char *p)
{
	char *end;

	if (*p != '"' && *p != '\'')
		return p + strcspn(p, " \t\r\n\"',={}()#;");
	end = strchr(p + 1, *p);
	return end != NULL ? end + 1 : p;
}

bool
edit_word(struct edited *edited, const struct place *place, const char *word)
{
	char *p = find(edited, place), *end = p != NULL ? end_of_word(p) : p;

	if (end == p)
		return false;
	replace(edited, p, end, word);
	return true;
}

/* "NAME = WORD", at p: where the word is, or NULL. */
static char *
word_of_setting(char *p, const char *name)
{
	size_t length = strlen(name);

	p += strspn(p, " \t");
	if (strncmp(p, name, length) != 0)
		return NULL;
	p += length + strspn(p + length, " \t");
	if (*p != '=')
		return NULL;
	return p + 1 + strspn(p + 1, " \t");
}

bool
edit_setting(struct edited *edited, const struct place *place, const char *name,
    const char *word)
{
	char *p = find(edited, place);

	while (p != NULL && (p = strchr(p, '\n')) != NULL) {
		char *start = word_of_setting(++p, name);
		char *end = start != NULL ?
		    start + strcspn(start, " \t\r\n") :
		    NULL;

		if (p[strspn(p, " \t")] == '}')
			return false;
		if (end == start)
			continue;
		replace(edited, start, end, word);
		return true;
	}
	return false;
}

/* Behind quotes or a comment, if one begins here. */
static char *
skip_quoted(char *p)
{
	char quote = *p;

	if (*p == '#' || (p[0] == '/' && p[1] == '/'))
		return p + strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*') {
		p = strstr(p + 2, "*/");
		return p != NULL ? p + 2 : NULL;
	}
	if (quote != '"' && quote != '\'')
		return p + 1;
	for (p++; *p != '\0' && *p != quote; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	return *p != '\0' ? p + 1 : NULL;
}

/* Blanks that the next line begins with, malloc'd. */
static char *
indent_of(const char *line)
{
	size_t length = strspn(line, " \t");

	if (length == 0 || line[length] == '}')
		return xstrdup("\t");
	return xstrndup(line, length);
}

bool
edit_section(struct edited *edited, const struct place *place, const char *line)
{
	char *p = find(edited, place), *end, *indent, *text;

	while (p != NULL && *p != '{' && *p != '\0')
		p = skip_quoted(p);
	if (p == NULL || *p == '\0')
		return false;
	p++;
	end = p + strspn(p, " \t\r");
	if (*end == '#' || (end[0] == '/' && end[1] == '/'))
		end += strcspn(end, "\n");
	if (*end != '\n') {
		text = xasprintf(" %s", line);
		replace(edited, p, p, text);
		free(text);
		return true;
	}
	indent = indent_of(end + 1);
	text = xasprintf("%s%s%s\n", indent, line, end[-1] == '\r' ? "\r" : "");
	replace(edited, end + 1, end + 1, text);
	free(indent);
	free(text);
	return true;
}

bool
edit_line(struct edited *edited, unsigned line, const char *word)
{
	char *p = line > 0 ? find_line(edited, line) : NULL;

	if (p == NULL || *p == '\0')
		return false;
	replace(edited, p, p, word);
	return true;
}

bool
edit_line_without(struct edited *edited, unsigned line, const char *word)
{
	char *p = line > 0 ? find_line(edited, line) : NULL;
	size_t length = strlen(word);

	if (p == NULL || strncmp(p, word, length) != 0)
		return false;
	replace(edited, p, p + length, "");
	return true;
}
