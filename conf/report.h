/*
 * Reports: errors and warnings about a configuration.  Readers and checks never
 * log and never exit; they add reports to a list, which the caller sorts and
 * prints.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum report_level {
	REPORT_WARNING,	   /* taken as written, but probably not meant */
	REPORT_UNSERVABLE, /* error: valid, but this entry cannot be served
			      here and now */
	REPORT_SYNTAX,	   /* error: not understood; a reload with such an
			      error changes nothing */
	REPORT_LOST	   /* the same, and nothing that follows in the file
			      is served, since its structure is unclear */
};

/* A place in a file.  column 0: the whole line; line 0: the whole file. */
struct place {
	const char *file;
	unsigned line;
	unsigned column;
};

/* Move the place past this character. */
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
	size_t subject;	    /* number of the service; 0: none */
	size_t subjects;    /* of how many services: reports_sort() */
};

struct reports {
	struct report *list;
	size_t count;
	size_t subject;	 /* of reports added next; 0: none */
	size_t numbered; /* subjects so far */
};

void reports_init(struct reports *);
void reports_free(struct reports *);

/* Add one report; the place and the text are copied. */
void report_add(struct reports *, enum report_level, const struct place *,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void report_addv(struct reports *, enum report_level, const struct place *,
    const char *fmt, va_list) __attribute__((format(printf, 4, 0)));

/* The reports added from now on are about one more service, or about none. */
void reports_next_subject(struct reports *);
void reports_no_subject(struct reports *);

/* The number of reports of at least this level (REPORT_WARNING: all). */
size_t reports_at_least(const struct reports *, enum report_level);
/* The first place of REPORT_LOST in a file, or NULL.  Valid until the next
 * report is added. */
const struct place *reports_lost(const struct reports *, const char *file);
/* In messages about a file, name what each of its lines comes from. */
void reports_name_lines(struct reports *, const char *file, char *const *lines,
    size_t nlines);
/*
 * Sort by file, in the order of their first reports, line and column; stable.
 * Equal reports of one place, as of services that share defaults, become one
 * with the number of services.
 */
void reports_sort(struct reports *);

/*
 * Format one report as "FILE:LINE:COL: error|warning: text (5 services)";
 * parts of the place that are 0 are left out, and so is the number of services
 * unless it is above 1.  Unprintable bytes become \ooo.  Returns buf, always
 * terminated.
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
