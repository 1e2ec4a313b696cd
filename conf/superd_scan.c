/*
 * The shape of a superd.conf: sections, statements and where their values
 * stand.
 */
#include "conf/superd_scan.h"

#include <stdlib.h>
#include <string.h>

#include "conf/superd_tokens.h"
#include "conf/xalloc.h"

static const char braces_hint[] = "put several values in braces: {a, b}";
static const char equals_hint[] = "quote a value with = in it";

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
		scan_advance(scan);
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
	statement->end = scan_offset(scan, scan->token.end);
	scan_advance(scan);
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
	statement->start = scan_offset(scan, token->start);
	if (token->kind == TOKEN_BAD)
		return false;
	if (token->kind != TOKEN_WORD ||
	    strspn(token->start,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_") < length) {
		scan_report(scan, &token->place,
		    "expected the name of an option, not %.*s (%s)",
		    (int)length, token->start,
		    token->kind == TOKEN_SET ? equals_hint : braces_hint);
		return false;
	}
	statement->name = xstrndup(token->start, length);
	scan_advance(scan);
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
		scan_report(scan, &statement->place, "unknown section %s%s",
		    name, hint.text);
	else
		scan_report(scan, &token->place,
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
	scan_advance(scan);
	return true;
}

/* The values up to the closing brace, which may have a comma before it. */
static bool
take_list(struct scanner *scan, struct statement *statement)
{
	scan->depth = 1;
	scan_advance(scan);
	while (is_value(&scan->token)) {
		add_value(scan, statement);
		if (scan->token.kind != TOKEN_COMMA)
			break;
		scan_advance(scan);
	}
	if (scan->token.kind == TOKEN_CLOSE) {
		statement->end = scan_offset(scan, scan->token.end);
		scan->depth = 0;
		scan_advance(scan);
		return true;
	}
	if (scan->token.kind != TOKEN_BAD)
		scan_report(scan, &scan->token.place,
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
			scan_report(scan, &scan->token.place,
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
	source_blank(scan->source, scan_offset(scan, start),
	    scan_offset(scan, scan->token.start));
}

/* Sections. */

static struct section *
add_section(struct shape *shape, const struct scanner *scan,
    enum section_kind kind)
{
	struct section *section;

	shape->sections = xgrow(shape->sections, shape->count,
	    sizeof(*shape->sections));
	section = &shape->sections[shape->count++];
	memset(section, 0, sizeof(*section));
	section->kind = kind;
	section->place = scan->token.place;
	section->start = scan_offset(scan, scan->token.start);
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
		.start = scan_offset(scan, scan->token.start) };
	char *keyword = scan->token.start;

	scan_advance(scan);
	if (!is_value(&scan->token)) {
		if (scan->token.kind != TOKEN_BAD)
			scan_report(scan, &scan->token.place,
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

		source_blank(scan->source, scan_offset(scan, keyword),
		    scan_offset(scan, scan->token.end));
		scan_advance(scan);
	}
	if (scan->token.kind == TOKEN_OPEN)
		return true;
	if (scan->token.kind != TOKEN_BAD)
		scan_report(scan, &scan->token.place, "expected {");
	return false;
}

/* A section begins here, and not an option of that name? */
static bool
begins_section(const struct scanner *scan, const char *keyword)
{
	const char *p = scan->p;

	return token_is(&scan->token, keyword) && *p != '=' && *p != '+' &&
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
take_section(struct shape *shape, struct scanner *scan, enum section_kind kind)
{
	const char *start = scan->token.start;
	struct section *section = add_section(shape, scan, kind);

	if (!take_head(scan, section)) {
		section->broken = true;
		recover(scan, start);
		section->end = scan_offset(scan, scan->token.start);
		source_blank(scan->source, section->start, section->end);
		while (section->count > 0)
			statement_free(&section->list[--section->count]);
		return;
	}
	*scan->token.start = ' ';
	scan_advance(scan);
	while (scan->token.kind != TOKEN_CLOSE &&
	    scan->token.kind != TOKEN_END && !begins_any_section(scan))
		take_statement(scan, section);
	section->end = scan_offset(scan, scan->token.start);
	if (scan->token.kind == TOKEN_CLOSE) {
		*scan->token.start = ' ';
		scan_advance(scan);
		return;
	}
	section->broken = true;
	if (scan->token.kind != TOKEN_END)
		scan_report(scan, &scan->token.place,
		    "a section cannot contain another one: is a brace "
		    "missing above?");
}

void
superd_scan(struct shape *shape, struct source *source, const char *file,
    struct reports *reports)
{
	struct scanner scan = { .source = source,
		.reports = reports,
		.p = source->text,
		.place = { file, 1, 1 } };

	memset(shape, 0, sizeof(*shape));
	scan_start(&scan);
	add_section(shape, &scan, SECTION_GLOBAL);
	while (scan.token.kind != TOKEN_END) {
		const char *start = scan.token.start;

		if (begins_section(&scan, "service"))
			take_section(shape, &scan, SECTION_SERVICE);
		else if (begins_section(&scan, "defaults"))
			take_section(shape, &scan, SECTION_DEFAULTS);
		else
			take_statement(&scan, &shape->sections[0]);
		/* a closing brace that an error above made a stray one */
		if (scan.token.start == start) {
			scan_advance(&scan);
			source_blank(source, scan_offset(&scan, start),
			    scan_offset(&scan, start) + 1);
		}
	}
	scan_end(&scan);
	shape->sections[0].start = 0;
	shape->sections[0].end = source->length;
}

void
superd_scan_free(struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++) {
		struct section *section = &shape->sections[i];

		for (size_t n = 0; n < section->count; n++)
			statement_free(&section->list[n]);
		free(section->list);
	}
	free(shape->sections);
}
