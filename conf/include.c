/*
 * Files that are read, and those that they include: which they are, and that
 * they are neither too deep nor in a circle.  What reads them, the loader
 * tells.
 */
#include "conf/readers.h"

#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

/* The chain of includes, innermost first. */
struct open_file {
	const char *path;
	const struct open_file *from;
};

static bool
is_open(const struct loader *loader, const char *path)
{
	const struct open_file *file = loader->open;

	while (file != NULL && strcmp(file->path, path) != 0)
		file = file->from;
	return file != NULL;
}

static bool
is_given(const struct loader *loader, const char *path)
{
	const struct source *given = loader->context->given;

	return given != NULL && strcmp(path, given->name) == 0;
}

static int
read_file(const struct loader *loader, const char *path, struct source *source)
{
	const struct source *given = loader->context->given;

	if (is_given(loader, path))
		return source_memory(source, path, given->text, given->length,
		    loader->reports);
	return source_read(source, path, !loader->context->insecure_files,
	    loader->reports);
}

void
load_file(struct loader *loader, const char *path, enum dialect dialect)
{
	struct open_file file = { path, loader->open };
	struct source source;

	if (read_file(loader, path, &source) != 0)
		return;
	loader->open = &file;
	loader->read(loader, &source, dialect);
	loader->open = file.from;
	source_free(&source);
}

/* A relative path starts where the file stands that names it: malloc'd. */
static char *
beside(const char *file, const char *pattern)
{
	const char *slash = file == NULL ? NULL : strrchr(file, '/');

	if (pattern[0] == '/' || slash == NULL)
		return xstrdup(pattern);
	return xasprintf("%.*s/%s", (int)(slash - file), file, pattern);
}

static void
read_list(struct loader *loader, char *const *list, size_t count,
    enum dialect dialect, const struct place *place)
{
	loader->depth++;
	for (size_t i = 0; i < count; i++)
		if (is_open(loader, list[i]))
			report_add(loader->reports, REPORT_SYNTAX, place,
			    "include loop: %s is already being read", list[i]);
		else
			load_file(loader, list[i], dialect);
	loader->depth--;
}

/* What stands behind text that was not understood has no say. */
static bool
is_behind(const struct loader *loader, const struct place *place)
{
	const struct place *lost = place->line == 0 ?
	    NULL :
	    reports_lost(loader->reports, place->file);

	return lost != NULL && lost->line < place->line;
}

void
load_include(struct loader *loader, const char *pattern, bool directory,
    enum dialect dialect, const struct place *place)
{
	char **list, *path;
	size_t count;

	if (is_behind(loader, place)) {
		report_add(loader->reports, REPORT_WARNING, place,
		    "%s is not read: it follows text that could not be "
		    "parsed",
		    pattern);
		return;
	}
	if (loader->depth >= LOAD_DEPTH) {
		report_add(loader->reports, REPORT_SYNTAX, place,
		    "includes nested more than %d deep: %s", LOAD_DEPTH,
		    pattern);
		return;
	}
	if (pattern[0] != '/' && loader->open != NULL &&
	    is_given(loader, loader->open->path) &&
	    strchr(loader->open->path, '/') == NULL) {
		report_add(loader->reports, REPORT_SYNTAX, place,
		    "cannot include %s: %s is in no directory; expected an "
		    "absolute path",
		    pattern, loader->open->path);
		return;
	}
	path = directory && place->line == 0 ?
	    xstrdup(pattern) :
	    beside(place->file, pattern);
	source_expand(path, directory, !loader->context->insecure_files, place,
	    loader->reports, &list, &count);
	read_list(loader, list, count, dialect, place);
	source_list_free(list, count);
	free(path);
}
