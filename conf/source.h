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
	uint64_t stamp; /* source_stamp() of the file alone */
};

struct stat;

/* One number for a list of files, which changes when one of them is written
 * to, or another one takes its place: stamp of those before, 0 at first. */
uint64_t source_stamp(uint64_t stamp, const struct stat *);

/*
 * Read a regular file whole (never blocks on a FIFO or device).  On failure
 * -1 with one REPORT_SYNTAX: missing, unreadable, a directory, not a regular
 * file, too large, a NUL byte (with its line), or with trusted set a file
 * that others may write (conf/trust.h).
 */
int source_read(struct source *, const char *path, bool trusted,
    struct reports *);
/* The same from memory, for tests and fuzzers. */
int source_memory(struct source *, const char *name, const char *text,
    size_t length, struct reports *);
void source_free(struct source *);
/* Overwrite the text from start to end, octets from its beginning, with
 * blanks, but for its newlines. */
void source_blank(struct source *, size_t start, size_t end);

/*
 * The files an include means: a glob, sorted by strcmp.  With directory set,
 * pattern is a directory instead: every regular file whose name has no dot
 * and does not end in ~.  list is malloc'd, with malloc'd strings, freed by
 * source_list_free.  A pattern without wildcards that names no file is an
 * error (-1, reported at place); one with wildcards may match none.  So is,
 * with trusted set, a directory to which others may add files.
 */
int source_expand(const char *pattern, bool directory, bool trusted,
    const struct place *, struct reports *, char ***list, size_t *count);
void source_list_free(char **list, size_t count);

#endif
