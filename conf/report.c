/* The list of reports: added, counted, sorted, formatted. */
#include "conf/report.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/units.h"
#include "conf/utf8.h"
#include "conf/xalloc.h"

enum { WORD_MAX = 64 };

void
reports_init(struct reports *reports)
{
	memset(reports, 0, sizeof(*reports));
}

void
reports_next_subject(struct reports *reports)
{
	reports->subject = ++reports->numbered;
}

void
reports_no_subject(struct reports *reports)
{
	reports->subject = 0;
}

static void
report_free(struct report *report)
{
	free(report->text);
	/* ours, whatever the type says: see report_addv */
	free((void *)(uintptr_t)report->place.file);
}

void
reports_name_lines(struct reports *reports, const char *file,
    char *const *lines, size_t nlines)
{
	for (size_t i = 0; i < reports->count; i++) {
		struct place *place = &reports->list[i].place;

		if (place->file == NULL || strcmp(place->file, file) != 0 ||
		    place->line == 0 || place->line > nlines)
			continue;
		free((void *)(uintptr_t)place->file);
		place->file = xstrdup(lines[place->line - 1]);
		place->line = place->column = 0;
	}
}

void
reports_free(struct reports *reports)
{
	for (size_t i = 0; i < reports->count; i++)
		report_free(&reports->list[i]);
	free(reports->list);
	reports_init(reports);
}

void
report_addv(struct reports *reports, enum report_level level,
    const struct place *place, const char *fmt, va_list ap)
{
	struct report *report;
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup(fmt);
	reports->list = xgrow(reports->list, reports->count,
	    sizeof(*reports->list));
	report = &reports->list[reports->count++];
	report->level = level;
	report->text = text;
	report->subject = reports->subject;
	report->subjects = reports->subject > 0;
	report->place = *place;
	report->place.file = xstrdup(place->file != NULL ? place->file : "-");
}

void
report_add(struct reports *reports, enum report_level level,
    const struct place *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_addv(reports, level, place, fmt, ap);
	va_end(ap);
}

size_t
reports_at_least(const struct reports *reports, enum report_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < reports->count; i++)
		count += reports->list[i].level >= level;
	return count;
}

const struct place *
reports_lost(const struct reports *reports, const char *file)
{
	const struct place *first = NULL;

	for (size_t i = 0; i < reports->count; i++) {
		const struct report *report = &reports->list[i];

		if (report->level == REPORT_LOST &&
		    (first == NULL || report->place.line < first->line) &&
		    strcmp(report->place.file, file) == 0)
			first = &report->place;
	}
	return first;
}

/* Sorting: what a report is compared by besides its place. */
struct key {
	size_t file;	 /* order of first appearance */
	size_t position; /* in the list, so that sorting is stable */
	struct report report;
};

static int
compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int
compare_places(const struct key *a, const struct key *b)
{
	const struct place *pa = &a->report.place, *pb = &b->report.place;
	int order = compare_numbers(a->file, b->file);

	if (order == 0)
		order = compare_numbers(pa->line, pb->line);
	return order != 0 ? order : compare_numbers(pa->column, pb->column);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct key *ka = a, *kb = b;
	int order = compare_places(ka, kb);

	return order != 0 ? order : compare_numbers(ka->position, kb->position);
}

/* 0: the same was said of the same place. */
static int
compare_words(const struct key *a, const struct key *b)
{
	int order = compare_places(a, b);

	if (order == 0)
		order = compare_numbers(a->report.level, b->report.level);
	return order != 0 ? order : strcmp(a->report.text, b->report.text);
}

static int
compare_repeated(const void *a, const void *b)
{
	const struct key *ka = a, *kb = b;
	int order = compare_words(ka, kb);

	return order != 0 ? order : compare_numbers(ka->position, kb->position);
}

/* How many keys are left.  One service may say the same thing twice. */
static size_t
merge_repeated(struct key *keys, size_t count)
{
	size_t to = 0, last = 0;

	qsort(keys, count, sizeof(*keys), compare_repeated);
	for (size_t i = 0; i < count; i++) {
		struct report *report = &keys[i].report;

		if (i == 0 || compare_words(&keys[to - 1], &keys[i]) != 0) {
			keys[to++] = keys[i];
		} else {
			if (report->subject != last)
				keys[to - 1]
				    .report.subjects += report->subjects;
			report_free(report);
		}
		last = report->subject;
	}
	return to;
}

/* Reports of one file mostly follow each other: look at the last one first. */
static size_t
file_number(const struct key *keys, size_t n, const char *file)
{
	for (size_t i = n; i-- > 0;)
		if (strcmp(keys[i].report.place.file, file) == 0)
			return keys[i].file;
	return n;
}

void
reports_sort(struct reports *reports)
{
	struct key *keys = xcalloc(reports->count, sizeof(*keys));

	for (size_t i = 0; i < reports->count; i++) {
		keys[i].report = reports->list[i];
		keys[i].position = i;
		keys[i].file = file_number(keys, i,
		    reports->list[i].place.file);
	}
	if (reports->count > 1) {
		reports->count = merge_repeated(keys, reports->count);
		qsort(keys, reports->count, sizeof(*keys), compare_keys);
	}
	for (size_t i = 0; i < reports->count; i++)
		reports->list[i] = keys[i].report;
	free(keys);
}

/* Formatting. */

/* How many bytes the character at text has, if it may be printed.  0: a
 * control character, C1 as well, or no UTF-8. */
static size_t
printable(const char *text)
{
	unsigned code = 0;
	size_t length = utf8_decode(text, &code);

	return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : length;
}

/* What may be printed passes, other bytes become \ooo; neither is cut. */
static void
put_text(char *buf, size_t size, size_t *used, const char *text)
{
	char octal[8];
	size_t length;

	/* printable() sees the terminator: it is no part of a character */
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
	for (; *text != '\0'; text += length > 0 ? length : 1) {
		const char *from = text;
		size_t n = length = printable(text);

		if (length == 0) {
			n = (size_t)snprintf(octal, sizeof(octal), "\\%03o",
			    (unsigned char)*text);
			from = octal;
		}
		if (*used + n >= size)
			return;
		memcpy(buf + *used, from, n);
		*used += n;
	}
}

char *
report_format(const struct report *report, char *buf, size_t size)
{
	char number[64];
	size_t used = 0;

	if (size == 0)
		return buf;
	put_text(buf, size, &used, report->place.file);
	if (report->place.line > 0) {
		snprintf(number, sizeof(number), ":%u", report->place.line);
		put_text(buf, size, &used, number);
	}
	if (report->place.line > 0 && report->place.column > 0) {
		snprintf(number, sizeof(number), ":%u", report->place.column);
		put_text(buf, size, &used, number);
	}
	put_text(buf, size, &used,
	    report->level == REPORT_WARNING ? ": warning: " : ": error: ");
	put_text(buf, size, &used, report->text);
	if (report->subjects > 1) {
		snprintf(number, sizeof(number), " (%zu services)",
		    report->subjects);
		put_text(buf, size, &used, number);
	}
	buf[used] = '\0';
	return buf;
}

/* Did you mean: optimal string alignment distance, transpositions count 1. */

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

static bool
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t
distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= lb; j++)
		last[j] = before[j] = j;
	for (size_t i = 1; i <= la; i++) {
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = min3(last[j] + 1, row[j - 1] + 1,
			    last[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]) &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[lb];
}

const char *
report_nearest(const char *word, const char *const *candidates)
{
	const char *best = NULL;
	size_t least = strlen(word) / 3 + 1;

	for (; *candidates != NULL; candidates++) {
		size_t far = distance(word, *candidates);

		if (far <= least && far < strlen(*candidates)) {
			if (best != NULL && far == least)
				continue;
			best = *candidates;
			least = far;
		}
	}
	return best;
}

const char *
report_hint(struct hint *hint, const char *word, const char *const *candidates)
{
	const char *near = report_nearest(word, candidates);

	if (near == NULL)
		hint->text[0] = '\0';
	else
		snprintf(hint->text, sizeof(hint->text), ", did you mean %s?",
		    near);
	return hint->text;
}
