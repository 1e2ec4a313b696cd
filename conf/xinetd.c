/*
 * The reader of xinetd.conf.  Entries of all files are collected first, as
 * text with places; when the outermost file ends, they become services, so
 * that the order of lines and files means nothing.  Knows entries, includes
 * and where an attribute may stand; not what it means.
 */
#include "conf/xinetd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

/* One file. */
struct reader {
	struct xinetd *xinetd;
	struct lines lines;
	bool seen_defaults;
	bool quiet; /* the entry is disabled so far */
};

struct keyword {
	const char *word;
	void (*read)(struct reader *);
};

static const struct keyword *find_keyword(const struct lines *);

static void report(struct reader *, enum report_level, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* At the current line.  Like xinetd, nobody looks at what a disabled entry
 * says, as long as its end can be found. */
static void
report(struct reader *reader, enum report_level level, const char *fmt, ...)
{
	va_list ap;

	if (reader->quiet && level < REPORT_SYNTAX)
		return;
	va_start(ap, fmt);
	report_addv(reader->lines.reports, level, &reader->lines.place, fmt,
	    ap);
	va_end(ap);
}

/* Entries. */

static void
entry_add(struct xentry *entry, const struct line *line)
{
	entry->lines = xgrow(entry->lines, entry->count, sizeof(*entry->lines));
	entry->lines[entry->count++] = *line;
}

static void
entry_free(struct xentry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		strings_free(entry->lines[i].values);
	free(entry->lines);
	free(entry->name);
}

static struct xentry *
new_entry(struct xinetd *xinetd)
{
	struct xentry *entry;

	xinetd->entries = xgrow(xinetd->entries, xinetd->count,
	    sizeof(*xinetd->entries));
	entry = &xinetd->entries[xinetd->count++];
	memset(entry, 0, sizeof(*entry));
	return entry;
}

/* Attributes. */

/* What is wrong in defaults is wrong for every service: xinetd exits. */
static enum report_level
error_level(const struct reader *reader, const struct xentry *entry)
{
	return entry == &reader->xinetd->defaults ?
	    REPORT_SYNTAX :
	    REPORT_UNSERVABLE;
}

static bool
may_stand_here(struct reader *reader, const struct xentry *entry,
    const struct xattribute *attribute)
{
	bool in_defaults = entry == &reader->xinetd->defaults;

	if (in_defaults && (attribute->flags & DEFAULTS) == 0)
		report(reader, REPORT_WARNING,
		    "attribute %s is ignored in defaults: it belongs in a "
		    "service",
		    attribute->name);
	else if (!in_defaults && (attribute->flags & ONLY_DEFAULTS))
		report(reader, REPORT_WARNING,
		    "attribute %s is ignored in a service: it belongs in "
		    "defaults",
		    attribute->name);
	else
		return true;
	return false;
}

/* xinetd ignores the line where it does not know the operator. */
static bool
operator_fits(struct reader *reader, struct xentry *entry,
    const struct line *line)
{
	const struct xattribute *attribute = line->attribute;

	if (line->how == OP_SET ||
	    ((attribute->flags & AGAIN) &&
		(line->how == OP_ADD || (attribute->flags & NO_REMOVE) == 0)))
		return true;
	if (line->how == OP_ADD) {
		report(reader, REPORT_WARNING,
		    "%s: += is applied: xinetd ignores this line",
		    attribute->name);
		return true;
	}
	report(reader, error_level(reader, entry),
	    "%s: -= cannot be used with this attribute", attribute->name);
	entry->broken = true;
	return false;
}

static bool
is_first(struct reader *reader, const struct xentry *entry,
    const struct line *line)
{
	const struct xattribute *attribute = line->attribute;
	bool adds = line->how == OP_ADD && (attribute->flags & LIST);

	if ((attribute->flags & AGAIN) || adds ||
	    entry_line(entry, attribute) == NULL)
		return true;
	report(reader, REPORT_WARNING,
	    "attribute %s is given twice: the first one counts",
	    attribute->name);
	return false;
}

static bool
values_fit(struct reader *reader, struct xentry *entry, const struct line *line)
{
	const struct xattribute *attribute = line->attribute;
	size_t n = strings_count(line->values);

	if (n >= attribute->least && n <= attribute->most)
		return true;
	report(reader, error_level(reader, entry), "%s: expected %u value%s",
	    attribute->name, attribute->least, plural(attribute->least));
	entry->broken = true;
	return false;
}

static void
warn_if_late(struct reader *reader, const struct xentry *entry,
    const struct line *line)
{
	if (entry != &reader->xinetd->defaults || reader->xinetd->count == 0 ||
	    (line->attribute->flags & EARLY) == 0)
		return;
	report(reader, REPORT_WARNING,
	    "%s: these defaults apply to every service: with xinetd, only "
	    "to those that follow",
	    line->attribute->name);
}

static void
unknown_attribute(struct reader *reader, const char *name)
{
	struct hint hint;

	report(reader, REPORT_WARNING, "unknown attribute %s is ignored%s",
	    name, xattribute_hint(&hint, name));
}

static void
take_assignment(struct reader *reader, struct xentry *entry,
    struct assignment *assignment)
{
	struct line line = { .place = reader->lines.place };

	line.attribute = xattribute_find(assignment->name);
	if (line.attribute == NULL) {
		unknown_attribute(reader, assignment->name);
		return;
	}
	line.how = assignment->how;
	line.values = assignment->values;
	if (!may_stand_here(reader, entry, line.attribute) ||
	    !operator_fits(reader, entry, &line) ||
	    !is_first(reader, entry, &line) ||
	    !values_fit(reader, entry, &line))
		return;
	warn_if_late(reader, entry, &line);
	entry_add(entry, &line);
	assignment->values = NULL;
	reader->quiet |= strcmp(line.attribute->name, "disable") == 0 &&
	    strcasecmp(line.values[0], "yes") == 0;
}

static void
read_attribute(struct reader *reader, struct xentry *entry)
{
	struct assignment assignment;

	if (!lines_assignment(&reader->lines, &assignment)) {
		report(reader, REPORT_SYNTAX, "expected ATTRIBUTE = VALUE: %s",
		    reader->lines.words[0]);
		entry->broken = true;
		return;
	}
	if (assignment.glued)
		report(reader, REPORT_WARNING,
		    "%s: without a blank before "
		    "the operator, xinetd drops the whole entry",
		    assignment.name);
	take_assignment(reader, entry, &assignment);
	assignment_free(&assignment);
}

/* Blocks. */

static bool
is_entry_start(const struct lines *lines)
{
	struct assignment assignment;

	if (find_keyword(lines) == NULL)
		return false;
	if (!lines_assignment(lines, &assignment))
		return true;
	assignment_free(&assignment);
	return false;
}

static void
skip_block(struct reader *reader)
{
	while (lines_next(&reader->lines)) {
		if (lines_is(&reader->lines, "}"))
			return;
		if (is_entry_start(&reader->lines)) {
			reader->lines.again = true;
			return;
		}
	}
}

/* What follows may be what closes the service: it is not served without. */
static void
check_alone(struct reader *reader, struct xentry *entry,
    enum report_level level)
{
	if (reader->lines.count == 1)
		return;
	report(reader, level, "nothing may follow \"%s\" on its line",
	    reader->lines.words[0]);
	entry->broken = true;
}

/* The brace belongs into a line of its own; behind the name, xinetd skips
 * the entry, and so it does where there is none: the next one is whole. */
static bool
open_block(struct reader *reader, struct xentry *entry)
{
	const struct lines *lines = &reader->lines;

	if (strcmp(lines->words[lines->count - 1], "{") == 0) {
		report(reader, REPORT_WARNING,
		    "xinetd skips this entry: its \"{\" is not on a line of "
		    "its own");
		return true;
	}
	if (lines_next(&reader->lines)) {
		if (lines_is(lines, "{")) {
			check_alone(reader, entry, REPORT_SYNTAX);
			return true;
		}
		reader->lines.again = true;
	}
	report_add(lines->reports, REPORT_SYNTAX, &entry->place,
	    "expected \"{\" on the next line");
	entry->broken = true;
	skip_block(reader);
	return false;
}

/* Up to "}"; false if another entry, or the end, comes first. */
static bool
read_attributes(struct reader *reader, struct xentry *entry)
{
	while (lines_next(&reader->lines)) {
		if (lines_is(&reader->lines, "}")) {
			check_alone(reader, entry, REPORT_LOST);
			return true;
		}
		if (is_entry_start(&reader->lines)) {
			reader->lines.again = true;
			return false;
		}
		read_attribute(reader, entry);
	}
	return false;
}

static void
read_block(struct reader *reader, struct xentry *entry)
{
	entry->place = reader->lines.place;
	if (!open_block(reader, entry))
		return;
	reader->quiet = false;
	if (!read_attributes(reader, entry)) {
		report_add(reader->lines.reports, REPORT_LOST, &entry->place,
		    "this entry is not closed");
		entry->broken = true;
	}
	reader->quiet = false;
}

/* The top level. */

static void
read_service(struct reader *reader)
{
	const struct lines *lines = &reader->lines;
	size_t words = lines->count;
	struct xentry *entry;

	if (words > 1 && strcmp(lines->words[words - 1], "{") == 0)
		words--;
	if (words < 2) {
		report(reader, REPORT_SYNTAX, "expected a name after service");
		skip_block(reader);
		return;
	}
	if (words > 2)
		report(reader, REPORT_WARNING,
		    "unexpected %s after the name of a service",
		    lines->words[2]);
	entry = new_entry(reader->xinetd);
	entry->name = xstrdup(lines->words[1]);
	read_block(reader, entry);
}

/* Other files may add to the defaults, the same file may not: to merge a
 * second entry could open what the first one closed. */
static void
read_defaults(struct reader *reader)
{
	if (reader->seen_defaults) {
		report(reader, REPORT_SYNTAX,
		    "second defaults entry in this file: expected one");
		skip_block(reader);
		return;
	}
	reader->seen_defaults = true;
	read_block(reader, &reader->xinetd->defaults);
}

static void
include(struct reader *reader, bool directory)
{
	const struct lines *lines = &reader->lines;

	if (lines->count != 2)
		report(reader, REPORT_SYNTAX, "expected one path after %s",
		    lines->words[0]);
	else {
		if (lines->words[1][0] != '/')
			report(reader, REPORT_WARNING,
			    "%s is relative to this file: for xinetd, to "
			    "its current directory",
			    lines->words[1]);
		load_include(reader->xinetd->loader, lines->words[1], directory,
		    DIALECT_XINETD, &lines->place);
	}
}

static void
read_include(struct reader *reader)
{
	include(reader, false);
}

static void
read_includedir(struct reader *reader)
{
	include(reader, true);
}

static const struct keyword keywords[] = {
	{ "service", read_service },
	{ "defaults", read_defaults },
	{ "include", read_include },
	{ "includedir", read_includedir },
};

static const struct keyword *
find_keyword(const struct lines *lines)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcasecmp(lines->words[0], keywords[i].word) == 0)
			return &keywords[i];
	return NULL;
}

static void
unknown_keyword(struct reader *reader)
{
	const char *names[sizeof(keywords) / sizeof(keywords[0]) + 1];
	const char *word = reader->lines.words[0];
	struct hint hint;
	size_t n = 0;

	for (; n < sizeof(keywords) / sizeof(keywords[0]); n++)
		names[n] = keywords[n].word;
	names[n] = NULL;
	report(reader, REPORT_LOST,
	    "expected service, defaults, include or includedir: %s%s", word,
	    report_hint(&hint, word, names));
}

static void
read_file(struct reader *reader)
{
	while (lines_next(&reader->lines)) {
		const struct keyword *keyword = find_keyword(&reader->lines);

		if (keyword != NULL) {
			keyword->read(reader);
			continue;
		}
		unknown_keyword(reader);
		if (!lines_is(&reader->lines, "}"))
			skip_block(reader);
	}
	lines_end(&reader->lines);
}

void
xinetd_read(struct loader *loader, struct source *source)
{
	struct xinetd outermost = { .loader = loader };
	struct reader reader = { .xinetd = loader->xinetd };

	if (reader.xinetd == NULL)
		reader.xinetd = loader->xinetd = &outermost;
	reader.lines.reports = loader->reports;
	reader.lines.rest = source->text;
	reader.lines.place.file = conf_file(loader->conf, source->name);
	read_file(&reader);
	if (reader.xinetd != &outermost)
		return;
	loader->xinetd = NULL;
	xinetd_make_services(&outermost);
	for (size_t i = 0; i < outermost.count; i++)
		entry_free(&outermost.entries[i]);
	entry_free(&outermost.defaults);
	free(outermost.entries);
}
