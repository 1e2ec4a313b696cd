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
	REPORT_WARNING,	   /* taken as written, but probably not meant */
	REPORT_UNSERVABLE, /* error: understood, cannot be served now;
			      concerns one entry */
	REPORT_SYNTAX,	   /* error: not understood; a reload that has
			      one changes nothing at all */
	REPORT_LOST	   /* the same, and it is not known where the
			      text goes on: what stands behind it in its
			      file is not served */
};

/* Where a text stands.  column 0: the whole line; line 0: the whole file. */
struct place {
	const char *file;
	unsigned line;
	unsigned column;
};

/* The place behind this character. */
static inline void
place_pass(struct place *place, char c)
{
	place->column = c == '\n' ? 1 : place->column + 1;
	place->line += c == '\n';
}

struct report {
	enum report_level level;
	struct place place; /* file owned by the report */
	char *text;	    /* without place and level, no newline */
	size_t subject;	    /* the service it is about; 0: none */
	size_t subjects;    /* how many say so: see reports_sort */
};

struct reports {
	struct report *list;
	size_t count;
	size_t subject;	 /* of what is added next; 0: none */
	size_t numbered; /* how many there have been */
};

void reports_init(struct reports *);
void reports_free(struct reports *);

/* Add one report; the place and the text are copied. */
void report_add(struct reports *, enum report_level, const struct place *,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void report_addv(struct reports *, enum report_level, const struct place *,
    const char *fmt, va_list) __attribute__((format(printf, 4, 0)));

/* What is added from here on is about one more service, or about none. */
void reports_next_subject(struct reports *);
void reports_no_subject(struct reports *);

/* How many reports have at least this level (REPORT_WARNING: all). */
size_t reports_at_least(const struct reports *, enum report_level);

/*
 * The first place where a file was not understood so that what stands behind
 * is not served, or NULL.  Valid until the next report is added.
 */
const struct place *reports_lost(const struct reports *, const char *file);

/*
 * By file in order of first appearance, then line, column; stable.  What was
 * said of one place in the same words, as it is where services share their
 * defaults, becomes one report that knows of how many services it was said.
 */
void reports_sort(struct reports *);

/*
 * Format one report as "FILE:LINE:COL: error|warning: text (5 services)";
 * parts of the place that are 0 are left out, and so is the number of
 * services where it is not more than one.  Unprintable bytes of the text
 * come out encoded.  Returns buf, always terminated.
 */
char *report_format(const struct report *, char *buf, size_t size);

/*
 * "did you mean": the candidate nearest to word by edit distance, or NULL
 * if none is near.  Candidates end with NULL.
 */
const char *report_nearest(const char *word, const char *const *candidates);

/* Room for the end of a message. */
struct hint {
	char text[300];
};

/* The same as ", did you mean NEAREST?", or "" if none is near.  Returns
 * the hint's text. */
const char *report_hint(struct hint *, const char *word,
    const char *const *candidates);

#endif
