/*
 * A superd.conf as tokens.
 *
 * What libconfuse's own scanner would pass over in silence (a stray "*" or
 * "+", a variable or a brace that is not closed) or take for something else
 * (NUL bytes written as escapes) is reported here, with its column.
 */
#include "conf/superd_tokens.h"

#include <ctype.h>
#include <string.h>

void
scan_report(struct scanner *scan, const struct place *place, const char *fmt,
    ...)
{
	va_list ap;

	if (scan->quiet)
		return;
	va_start(ap, fmt);
	report_addv(scan->reports, REPORT_LOST, place, fmt, ap);
	va_end(ap);
}

/* Of what may take the rest of the file with it. */
static void
complain_unclosed(struct scanner *scan, const struct place *place,
    const char *what)
{
	report_add(scan->reports, REPORT_LOST, place, "this %s is not closed",
	    what);
}

size_t
scan_offset(const struct scanner *scan, const char *p)
{
	return (size_t)(p - scan->source->text);
}

static void
step(struct scanner *scan)
{
	place_pass(&scan->place, *scan->p++);
}

/* Comments. */

static bool
at_comment(const struct scanner *scan)
{
	return scan->p[0] == '#' ||
	    (scan->p[0] == '/' && (scan->p[1] == '/' || scan->p[1] == '*'));
}

static void
pass_block(struct scanner *scan)
{
	struct place start = scan->place;

	step(scan);
	step(scan);
	while (*scan->p != '\0' && !(scan->p[0] == '*' && scan->p[1] == '/'))
		step(scan);
	if (*scan->p == '\0') {
		complain_unclosed(scan, &start, "comment");
		return;
	}
	step(scan);
	step(scan);
}

static void
blank_comment(struct scanner *scan)
{
	size_t start = scan_offset(scan, scan->p);

	if (scan->p[0] == '/' && scan->p[1] == '*')
		pass_block(scan);
	else
		while (*scan->p != '\0' && *scan->p != '\n')
			step(scan);
	source_blank(scan->source, start, scan_offset(scan, scan->p));
}

static void
skip_blanks(struct scanner *scan)
{
	while (*scan->p != '\0')
		if (strchr(" \t\r\n", *scan->p) != NULL)
			step(scan);
		else if (at_comment(scan))
			blank_comment(scan);
		else
			return;
}

/* Braces. */

static void
open_brace(struct scanner *scan)
{
	if (scan->nbraces < BRACES_MAX)
		scan->braces[scan->nbraces] = scan->place;
	scan->nbraces++;
}

static void
close_brace(struct scanner *scan)
{
	if (scan->nbraces > 0)
		scan->nbraces--;
	else
		report_add(scan->reports, REPORT_LOST, &scan->place,
		    "\"}\" without an open brace");
}

/* Tokens. */

static bool
is_word(char c)
{
	return (unsigned char)c > ' ' && c != '\x7f' &&
	    strchr("\"'={}()+,*#", c) == NULL;
}

/* Behind a backslash within double quotes. */
static bool
escape_is_good(struct scanner *scan)
{
	const char *p = scan->p;

	if (isdigit((unsigned char)*p)) {
		scan_report(scan, &scan->place,
		    "escapes with digits are not supported: expected \\xNN");
		return false;
	}
	if (*p != 'x')
		return true;
	if (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2])) {
		scan_report(scan, &scan->place,
		    "expected two hexadecimal digits after \\x");
		return false;
	}
	if (p[1] == '0' && p[2] == '0') {
		scan_report(scan, &scan->place,
		    "\\x00 is not allowed in a value");
		return false;
	}
	return true;
}

/* "${NAME}", "${NAME:-otherwise}": libconfuse ignores quotes in it. */
static bool
variable_is_good(struct scanner *scan)
{
	const char *end = scan->p + strcspn(scan->p, "}\"\\\n");

	if (*end == '}')
		return true;
	scan_report(scan, &scan->place,
	    "this variable is not closed; write a plain dollar as \\$ or in "
	    "single quotes");
	return false;
}

static bool
take_quoted(struct scanner *scan)
{
	struct place start = scan->place;
	char quote = *scan->p;
	bool good = true;

	step(scan);
	while (*scan->p != quote && *scan->p != '\0') {
		if (*scan->p == '\\' && scan->p[1] != '\0') {
			step(scan);
			if (quote == '"' && good)
				good = escape_is_good(scan);
		} else if (quote == '"' && good && scan->p[0] == '$' &&
		    scan->p[1] == '{')
			good = variable_is_good(scan);
		step(scan);
	}
	if (*scan->p != quote) {
		complain_unclosed(scan, &start, "quote");
		return false;
	}
	step(scan);
	return good;
}

static enum token_kind
take_bad(struct scanner *scan)
{
	unsigned char c = (unsigned char)*scan->p;

	if (c == '$')
		scan_report(scan, &scan->place,
		    "a variable needs double quotes: \"${NAME}\"");
	else if (isgraph(c))
		scan_report(scan, &scan->place, "the character %c needs quotes",
		    c);
	else
		scan_report(scan, &scan->place,
		    "the character \\x%02x is not allowed outside quotes", c);
	step(scan);
	return TOKEN_BAD;
}

static bool
at_remove(const struct scanner *scan)
{
	return scan->p[0] == '-' && scan->p[1] == '=';
}

static enum token_kind
take_word(struct scanner *scan)
{
	while (is_word(*scan->p) && !at_remove(scan) && !at_comment(scan)) {
		if (scan->p[0] == '$' && scan->p[1] == '{')
			return take_bad(scan);
		step(scan);
	}
	/* "a*b" is one text for its writer */
	if (*scan->p != '\0' && strchr("*+()", *scan->p) != NULL &&
	    scan->p[1] != '=')
		return take_bad(scan);
	return TOKEN_WORD;
}

static enum token_kind
take_token(struct scanner *scan)
{
	static const struct {
		char c;
		enum token_kind kind;
	} marks[] = {
		{ '{', TOKEN_OPEN },
		{ '}', TOKEN_CLOSE },
		{ '=', TOKEN_SET },
		{ ',', TOKEN_COMMA },
	};

	if (*scan->p == '\0')
		return TOKEN_END;
	if (*scan->p == '"' || *scan->p == '\'')
		return take_quoted(scan) ? TOKEN_QUOTED : TOKEN_BAD;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i].c == *scan->p) {
			if (marks[i].kind == TOKEN_OPEN)
				open_brace(scan);
			else if (marks[i].kind == TOKEN_CLOSE)
				close_brace(scan);
			step(scan);
			return marks[i].kind;
		}
	if (at_remove(scan) || (scan->p[0] == '+' && scan->p[1] == '=')) {
		bool remove = at_remove(scan);

		step(scan);
		step(scan);
		return remove ? TOKEN_REMOVE : TOKEN_ADD;
	}
	return is_word(*scan->p) ? take_word(scan) : take_bad(scan);
}

void
scan_advance(struct scanner *scan)
{
	struct token *token = &scan->token;

	token->first = scan->place.line != token->last_line;
	token->place = scan->place;
	token->start = scan->p;
	token->kind = take_token(scan);
	token->end = scan->p;
	token->last_line = scan->place.line;
	skip_blanks(scan);
}

bool
token_is(const struct token *token, const char *text)
{
	size_t length = (size_t)(token->end - token->start);

	return token->kind == TOKEN_WORD && strlen(text) == length &&
	    memcmp(token->start, text, length) == 0;
}

void
scan_start(struct scanner *scan)
{
	skip_blanks(scan);
	scan_advance(scan);
}

void
scan_end(struct scanner *scan)
{
	size_t i = scan->nbraces < BRACES_MAX ? scan->nbraces : BRACES_MAX;

	while (i-- > 0)
		complain_unclosed(scan, &scan->braces[i], "brace");
}
