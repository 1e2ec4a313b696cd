/*
 * Source: a whole configuration file in memory, and the files that an include
 * names.  Knows files and bytes, not meaning.
 */
#ifndef CONF_SOURCE_H
#define CONF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/report.h"

#define SOURCE_MAX (64u << 20) /* bytes; larger files are refused */

struct source {
	char *name; /* path as given */
	char *text; /* NUL-terminated; a leading BOM is gone */
	size_t length;
	bool marked;	/* it had a BOM */
	uint64_t stamp; /* source_stamp() of the file alone */
	/* of a text that nobody wrote: what each line comes from, which
	 * messages name instead; NULL: the lines speak for themselves */
	char *const *lines;
	size_t nlines;
};

struct stat;

/* Add a file to a stamp, a number for a list of files that changes when one of
 * them is changed or replaced.  The first stamp is 0. */
uint64_t source_stamp(uint64_t stamp, const struct stat *);

/*
 * Read a regular file whole (never blocks on a FIFO or device).  On failure
 * -1 with one REPORT_SYNTAX: missing, unreadable, a directory, not a regular
 * file, too large, a NUL byte (with its line), or with trusted set a file
 * that others may write (conf/trust.h).
 */
int source_read(struct source *, const char *path, bool trusted,
    struct reports *);
/* The same from an open descriptor, of whatever kind, to its end; may block. */
int source_stream(struct source *, const char *name, int fd, struct reports *);
/* The same from memory. */
int source_memory(struct source *, const char *name, const char *text,
    size_t length, struct reports *);
void source_free(struct source *);
/* Overwrite the text from start to end, octets from its beginning, with
 * blanks, but for its newlines. */
void source_blank(struct source *, size_t start, size_t end);

/*
 * The files of an include, sorted by strcmp(3): those of a glob(7) pattern, or,
 * with directory set, the regular files of a directory whose names have no dot
 * and do not end in ~.  The list is for source_list_free().  0, or -1 with a
 * report at place: the directory cannot be read, a pattern without wildcards
 * names no file, or, with trusted set, others may add files to the directory.
 */
int source_expand(const char *pattern, bool directory, bool trusted,
    const struct place *, struct reports *, char ***list, size_t *count);
void source_list_free(char **list, size_t count);

#endif
