/*
 * Reports: what a reader or a check has to say about a configuration.
 * Readers never log and never exit; they add reports to a list that the
 * caller sorts, prints or counts.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum report_level {
	REPORT_WARNING,		/* taken as written, but probably not meant */
	REPORT_UNSERVABLE,	/* error: understood, cannot be served now;
				   concerns one entry */
	REPORT_SYNTAX		/* error: not understood; a reload that has
				   one changes nothing at all */
};

/* Where a text stands.  column 0: the whole line; line 0: the whole file. */
struct place {
	const char *file;
	unsigned line;
	unsigned column;
};

struct report {
	enum report_level level;
	struct place place;	/* file owned by the report */
	char *text;		/* without place and level, no newline */
};

struct reports {
	struct report *list;
	size_t count, room;
};

void	reports_init(struct reports *);
void	reports_free(struct reports *);

/* Add one report; the place and the text are copied. */
void	report_add(struct reports *, enum report_level, const struct place *,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void	report_addv(struct reports *, enum report_level, const struct place *,
	    const char *fmt, va_list) __attribute__((format(printf, 4, 0)));

/* How many reports have at least this level (REPORT_WARNING: all). */
size_t	reports_at_least(const struct reports *, enum report_level);

/* By file in order of first appearance, then line, column; stable. */
void	reports_sort(struct reports *);

/*
 * Format one report as "FILE:LINE:COL: error|warning: text"; parts of the
 * place that are 0 are left out.  Unprintable bytes of the text come out
 * encoded.  Returns buf, always terminated.
 */
char	*report_format(const struct report *, char *buf, size_t size);

/*
 * "did you mean": the candidate nearest to word by edit distance, or NULL
 * if none is near.  Candidates end with NULL.
 */
const char *report_nearest(const char *word, const char *const *candidates);

#endif
