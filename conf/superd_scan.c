/*
 * The shape of a superd.conf.
 *
 * What libconfuse's own scanner would pass over in silence (a stray "*" or
 * "+", a variable or a brace that is not closed) or take for something else
 * (NUL bytes written as escapes) is reported here, with its column.
 */
#include "conf/superd_scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_QUOTED,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_SET,
	TOKEN_ADD,
	TOKEN_REMOVE,
	TOKEN_COMMA,
	TOKEN_BAD
};

struct token {
	enum token_kind kind;
	char *start, *end;
	struct place place;
	unsigned last_line;
	bool first; /* of its line */
};

enum { BRACES_MAX = 64 };

struct scanner {
	struct source *source;
	struct reports *reports;
	struct shape *result;
	char *p;	    /* behind the token in hand, at the next one */
	struct place place; /* of p */
	struct token token; /* the one in hand */
	struct place braces[BRACES_MAX]; /* that are open */
	size_t nbraces;			 /* may be more than BRACES_MAX */
	unsigned depth;			 /* of braces within the statement */
	bool quiet;			 /* bad tokens were reported already */
};

static const char braces_hint[] = "put several values in braces: {a, b}";
static const char equals_hint[] = "quote a value with = in it";

void
superd_scan_blank(struct source *source, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (source->text[i] != '\n')
			source->text[i] = ' ';
}

static void complain(struct scanner *, const struct place *, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static void
complain(struct scanner *scan, const struct place *place, const char *fmt, ...)
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

static size_t
offset(const struct scanner *scan, const char *p)
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
	size_t start = offset(scan, scan->p);

	if (scan->p[0] == '/' && scan->p[1] == '*')
		pass_block(scan);
	else
		while (*scan->p != '\0' && *scan->p != '\n')
			step(scan);
	superd_scan_blank(scan->source, start, offset(scan, scan->p));
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

static void
complain_open_braces(struct scanner *scan)
{
	size_t i = scan->nbraces < BRACES_MAX ? scan->nbraces : BRACES_MAX;

	while (i-- > 0)
		complain_unclosed(scan, &scan->braces[i], "brace");
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
		complain(scan, &scan->place,
		    "escapes with digits are not supported: expected \\xNN");
		return false;
	}
	if (*p != 'x')
		return true;
	if (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2])) {
		complain(scan, &scan->place,
		    "expected two hexadecimal digits after \\x");
		return false;
	}
	if (p[1] == '0' && p[2] == '0') {
		complain(scan, &scan->place, "\\x00 is not allowed in a value");
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
	complain(scan, &scan->place,
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
		complain(scan, &scan->place,
		    "a variable needs double quotes: \"${NAME}\"");
	else if (isgraph(c))
		complain(scan, &scan->place, "the character %c needs quotes",
		    c);
	else
		complain(scan, &scan->place,
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

static void
advance(struct scanner *scan)
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

static bool
is_text(const struct token *token, const char *text)
{
	size_t length = (size_t)(token->end - token->start);

	return token->kind == TOKEN_WORD && strlen(text) == length &&
	    memcmp(token->start, text, length) == 0;
}

/*
 * After an error: on to the next line that may begin a statement, outside of
 * the braces opened on the way.
 */
static void
recover(struct scanner *scan, const char *start)
{
	scan->quiet = true;
	while (scan->token.kind != TOKEN_END) {
		if (scan->depth == 0 &&
		    (scan->token.kind == TOKEN_CLOSE ||
			(scan->token.first && scan->token.start != start)))
			break;
		if (scan->token.kind == TOKEN_OPEN)
			scan->depth++;
		else if (scan->token.kind == TOKEN_CLOSE)
			scan->depth--;
		advance(scan);
	}
	scan->quiet = false;
	scan->depth = 0;
}

/* Statements. */

static void
statement_free(struct statement *statement)
{
	free(statement->name);
	free(statement->values);
}

static void
add_value(struct scanner *scan, struct statement *statement)
{
	statement->values = xgrow(statement->values, statement->count,
	    sizeof(*statement->values));
	statement->values[statement->count++] = scan->token.place;
	statement->end = offset(scan, scan->token.end);
	advance(scan);
}

static bool
is_value(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_QUOTED;
}

static bool
take_name(struct scanner *scan, struct statement *statement)
{
	const struct token *token = &scan->token;
	size_t length = (size_t)(token->end - token->start);

	statement->place = token->place;
	statement->start = offset(scan, token->start);
	if (token->kind == TOKEN_BAD)
		return false;
	if (token->kind != TOKEN_WORD ||
	    strspn(token->start,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_") < length) {
		complain(scan, &token->place,
		    "expected the name of an option, not %.*s (%s)",
		    (int)length, token->start,
		    token->kind == TOKEN_SET ? equals_hint : braces_hint);
		return false;
	}
	statement->name = xstrndup(token->start, length);
	advance(scan);
	return true;
}

/* "servce ftp {" */
static bool
is_misspelt_section(const struct scanner *scan, const char *name,
    struct hint *hint)
{
	static const char *const names[] = { "service", "defaults", NULL };
	enum token_kind kind = scan->token.kind;

	return (kind == TOKEN_WORD || kind == TOKEN_QUOTED ||
		   kind == TOKEN_OPEN) &&
	    report_hint(hint, name, names)[0] != '\0';
}

static void
no_operator(struct scanner *scan, const struct statement *statement)
{
	const struct token *token = &scan->token;
	const char *name = statement->name;
	struct hint hint;

	if (is_misspelt_section(scan, name, &hint))
		complain(scan, &statement->place, "unknown section %s%s", name,
		    hint.text);
	else
		complain(scan, &token->place,
		    "expected =, += or -= after %s (%s)", name, braces_hint);
}

static bool
take_operator(struct scanner *scan, struct statement *statement)
{
	enum token_kind kind = scan->token.kind;

	if (kind != TOKEN_SET && kind != TOKEN_ADD && kind != TOKEN_REMOVE) {
		if (kind != TOKEN_BAD)
			no_operator(scan, statement);
		return false;
	}
	statement->append = kind != TOKEN_SET;
	statement->remove = kind == TOKEN_REMOVE;
	/* libconfuse knows no other way to have several of them */
	if (statement->remove)
		*scan->token.start = '+';
	advance(scan);
	return true;
}

/* The values up to the closing brace, which may have a comma before it. */
static bool
take_list(struct scanner *scan, struct statement *statement)
{
	scan->depth = 1;
	advance(scan);
	while (is_value(&scan->token)) {
		add_value(scan, statement);
		if (scan->token.kind != TOKEN_COMMA)
			break;
		advance(scan);
	}
	if (scan->token.kind == TOKEN_CLOSE) {
		statement->end = offset(scan, scan->token.end);
		scan->depth = 0;
		advance(scan);
		return true;
	}
	if (scan->token.kind != TOKEN_BAD)
		complain(scan, &scan->token.place,
		    "expected a value, a comma or a closing brace in the "
		    "list of %s%s%s",
		    statement->name, scan->token.kind == TOKEN_SET ? ": " : "",
		    scan->token.kind == TOKEN_SET ? equals_hint : "");
	return false;
}

static bool
take_values(struct scanner *scan, struct statement *statement)
{
	if (scan->token.kind == TOKEN_OPEN)
		return take_list(scan, statement);
	if (!is_value(&scan->token)) {
		if (scan->token.kind != TOKEN_BAD)
			complain(scan, &scan->token.place,
			    "expected a value for %s", statement->name);
		return false;
	}
	add_value(scan, statement);
	return true;
}

static void
section_add(struct section *section, const struct statement *statement)
{
	section->list = xgrow(section->list, section->count,
	    sizeof(*section->list));
	section->list[section->count++] = *statement;
}

static void
take_statement(struct scanner *scan, struct section *section)
{
	struct statement statement = { .name = NULL };
	const char *start = scan->token.start;

	if (take_name(scan, &statement) && take_operator(scan, &statement) &&
	    take_values(scan, &statement)) {
		section_add(section, &statement);
		return;
	}
	statement_free(&statement);
	section->broken = true;
	recover(scan, start);
	superd_scan_blank(scan->source, offset(scan, start),
	    offset(scan, scan->token.start));
}

/* Sections. */

static struct section *
add_section(struct scanner *scan, enum section_kind kind)
{
	struct shape *result = scan->result;
	struct section *section;

	result->sections = xgrow(result->sections, result->count,
	    sizeof(*result->sections));
	section = &result->sections[result->count++];
	memset(section, 0, sizeof(*section));
	section->kind = kind;
	section->place = scan->token.place;
	section->start = offset(scan, scan->token.start);
	return section;
}

/*
 * "service TITLE" becomes "id    = TITLE", which has the same length; so that
 * libconfuse says what the title stands for.
 */
static bool
take_title(struct scanner *scan, struct section *section)
{
	static const char name[] = "id    =";
	struct statement statement = { .place = scan->token.place,
		.start = offset(scan, scan->token.start) };
	char *keyword = scan->token.start;

	advance(scan);
	if (!is_value(&scan->token)) {
		if (scan->token.kind != TOKEN_BAD)
			complain(scan, &scan->token.place,
			    "expected a name after service");
		return false;
	}
	memcpy(keyword, name, sizeof(name) - 1);
	statement.name = xstrdup("id");
	add_value(scan, &statement);
	section_add(section, &statement);
	return true;
}

static bool
take_head(struct scanner *scan, struct section *section)
{
	if (section->kind == SECTION_SERVICE) {
		if (!take_title(scan, section))
			return false;
	} else {
		char *keyword = scan->token.start;

		superd_scan_blank(scan->source, offset(scan, keyword),
		    offset(scan, scan->token.end));
		advance(scan);
	}
	if (scan->token.kind == TOKEN_OPEN)
		return true;
	if (scan->token.kind != TOKEN_BAD)
		complain(scan, &scan->token.place, "expected {");
	return false;
}

/* A section begins here, and not an option of that name? */
static bool
begins_section(const struct scanner *scan, const char *keyword)
{
	const char *p = scan->p;

	return is_text(&scan->token, keyword) && *p != '=' && *p != '+' &&
	    (p[0] != '-' || p[1] != '=');
}

static bool
begins_any_section(const struct scanner *scan)
{
	return begins_section(scan, "service") ||
	    begins_section(scan, "defaults");
}

/* Up to its brace; where that is missing, up to the next section. */
static void
take_section(struct scanner *scan, enum section_kind kind)
{
	const char *start = scan->token.start;
	struct section *section = add_section(scan, kind);

	if (!take_head(scan, section)) {
		section->broken = true;
		recover(scan, start);
		section->end = offset(scan, scan->token.start);
		superd_scan_blank(scan->source, section->start, section->end);
		while (section->count > 0)
			statement_free(&section->list[--section->count]);
		return;
	}
	*scan->token.start = ' ';
	advance(scan);
	while (scan->token.kind != TOKEN_CLOSE &&
	    scan->token.kind != TOKEN_END && !begins_any_section(scan))
		take_statement(scan, section);
	section->end = offset(scan, scan->token.start);
	if (scan->token.kind == TOKEN_CLOSE) {
		*scan->token.start = ' ';
		advance(scan);
		return;
	}
	section->broken = true;
	if (scan->token.kind != TOKEN_END)
		complain(scan, &scan->token.place,
		    "a section cannot contain another one: is a brace "
		    "missing above?");
}

void
superd_scan(struct shape *result, struct source *source, const char *file,
    struct reports *reports)
{
	struct scanner scan = { .source = source,
		.reports = reports,
		.result = result,
		.p = source->text,
		.place = { file, 1, 1 } };

	memset(result, 0, sizeof(*result));
	skip_blanks(&scan);
	advance(&scan);
	add_section(&scan, SECTION_GLOBAL);
	while (scan.token.kind != TOKEN_END) {
		const char *start = scan.token.start;

		if (begins_section(&scan, "service"))
			take_section(&scan, SECTION_SERVICE);
		else if (begins_section(&scan, "defaults"))
			take_section(&scan, SECTION_DEFAULTS);
		else
			take_statement(&scan, &result->sections[0]);
		/* a closing brace that an error above made a stray one */
		if (scan.token.start == start) {
			advance(&scan);
			superd_scan_blank(source, offset(&scan, start),
			    offset(&scan, start) + 1);
		}
	}
	complain_open_braces(&scan);
	result->sections[0].start = 0;
	result->sections[0].end = source->length;
}

void
superd_scan_free(struct shape *text)
{
	for (size_t i = 0; i < text->count; i++) {
		struct section *section = &text->sections[i];

		for (size_t n = 0; n < section->count; n++)
			statement_free(&section->list[n]);
		free(section->list);
	}
	free(text->sections);
}
