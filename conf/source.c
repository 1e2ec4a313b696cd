/* Whole files in memory, and the files that an include names. */
#include "conf/source.h"

#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/trust.h"
#include "conf/xalloc.h"

static int
complain(const char *name, struct reports *reports, const char *text)
{
	struct place place = { name, 0, 0 };

	report_add(reports, REPORT_SYNTAX, &place, "%s", text);
	return -1;
}

static int
refuse_nul(const struct source *source, struct reports *reports)
{
	const char *nul = memchr(source->text, '\0', source->length);
	struct place place = { source->name, 1, 1 };

	if (nul == NULL)
		return 0;
	for (const char *p = source->text; p < nul; p++)
		place_pass(&place, *p);
	report_add(reports, REPORT_SYNTAX, &place,
	    "NUL byte: this is not a text file");
	return -1;
}

static void
skip_bom(struct source *source)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (source->length < 3 || memcmp(source->text, bom, 3) != 0)
		return;
	source->marked = true;
	source->length -= 3;
	memmove(source->text, source->text + 3, source->length + 1);
}

static int
finish(struct source *source, struct reports *reports)
{
	skip_bom(source);
	if (refuse_nul(source, reports) != 0) {
		source_free(source);
		return -1;
	}
	return 0;
}

int
source_memory(struct source *source, const char *name, const char *text,
    size_t length, struct reports *reports)
{
	memset(source, 0, sizeof(*source));
	if (length > SOURCE_MAX)
		return complain(name, reports, "too large");
	source->name = xstrdup(name);
	source->text = xmalloc(length + 1);
	if (length > 0)
		memcpy(source->text, text, length);
	source->text[length] = '\0';
	source->length = length;
	return finish(source, reports);
}

/* The file may grow or shrink while it is read. */
static int
read_all(struct source *source, int fd, size_t expected)
{
	size_t room = expected + 1;
	ssize_t n;

	source->text = xmalloc(room + 1);
	while ((n = read(fd, source->text + source->length,
		    room - source->length)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		source->length += (size_t)n;
		if (source->length > SOURCE_MAX)
			return EFBIG;
		if (source->length == room) {
			room *= 2;
			source->text = xreallocarray(source->text, room + 1, 1);
		}
	}
	source->text[source->length] = '\0';
	return 0;
}

static const char *
why_not_readable(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return "is a directory: expected a file";
	if (!S_ISREG(st->st_mode))
		return "is not a regular file";
	if (st->st_size > (off_t)SOURCE_MAX)
		return "too large";
	return NULL;
}

uint64_t
source_stamp(uint64_t stamp, const struct stat *st)
{
	const uint64_t parts[] = { (uint64_t)st->st_dev, (uint64_t)st->st_ino,
		(uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec,
		(uint64_t)st->st_ctim.tv_nsec };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		stamp = stamp * 31 + parts[i];
	return stamp;
}

/* Says why, in words that are to be freed; NULL: it may be read. */
static char *
why_not(const char *path, int fd, bool trusted, struct stat *st)
{
	const char *plain;
	char *why = NULL;

	plain = fstat(fd, st) != 0 ? strerror(errno) : why_not_readable(st);
	if (plain != NULL)
		return xstrdup(plain);
	if (trusted)
		why = trust_file(st);
	return trusted && why == NULL ? trust_parent(path) : why;
}

/* Takes what was read, or why it was not: error. */
static int
complete(struct source *source, const char *name, int error,
    struct reports *reports)
{
	if (error != 0) {
		source_free(source);
		return complain(name, reports, strerror(error));
	}
	source->name = xstrdup(name);
	return finish(source, reports);
}

int
source_stream(struct source *source, const char *name, int fd,
    struct reports *reports)
{
	enum { EXPECTED = 4096 };

	memset(source, 0, sizeof(*source));
	return complete(source, name, read_all(source, fd, EXPECTED), reports);
}

int
source_read(struct source *source, const char *path, bool trusted,
    struct reports *reports)
{
	struct stat st;
	int fd, error;
	char *why;

	memset(source, 0, sizeof(*source));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return complain(path, reports, strerror(errno));
	why = why_not(path, fd, trusted, &st);
	if (why != NULL) {
		close(fd);
		complain(path, reports, why);
		free(why);
		return -1;
	}
	source->stamp = source_stamp(0, &st);
	error = read_all(source, fd, (size_t)st.st_size);
	close(fd);
	return complete(source, path, error, reports);
}

void
source_free(struct source *source)
{
	free(source->name);
	free(source->text);
	memset(source, 0, sizeof(*source));
}

void
source_blank(struct source *source, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (source->text[i] != '\n')
			source->text[i] = ' ';
}

/* Includes. */

struct list {
	char **names;
	size_t count;
};

static void
list_add(struct list *list, char *name)
{
	list->names = xgrow(list->names, list->count, sizeof(char *));
	list->names[list->count++] = name;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* run-parts' idea of a configuration file: no backup, no package leftover. */
static bool
wanted_name(const char *name)
{
	size_t length = strlen(name);

	return strchr(name, '.') == NULL && length > 0 &&
	    name[length - 1] != '~';
}

/* Takes name.  Folders are left out in silence: not recursive. */
static void
add_file(struct list *list, char *name, const struct place *place,
    struct reports *reports)
{
	const char *why = "not a regular file";
	struct stat st;

	if (stat(name, &st) != 0)
		why = strerror(errno);
	else if (S_ISREG(st.st_mode)) {
		list_add(list, name);
		return;
	} else if (S_ISDIR(st.st_mode))
		why = NULL;
	if (why != NULL)
		report_add(reports, REPORT_WARNING, place, "skipping %s: %s",
		    name, why);
	free(name);
}

static size_t
without_slashes(const char *path)
{
	size_t length = strlen(path);

	while (length > 0 && path[length - 1] == '/')
		length--;
	return length;
}

/* May others add files to it?  That is reported. */
static bool
is_open_to_others(int fd, const char *path, const struct place *place,
    struct reports *reports)
{
	struct stat st;
	char *why = fstat(fd, &st) == 0 ? trust_directory(path, &st) : NULL;

	if (why != NULL)
		report_add(reports, REPORT_SYNTAX, place, "%s", why);
	free(why);
	return why != NULL;
}

static int
expand_directory(const char *path, bool trusted, const struct place *place,
    struct reports *reports, struct list *list)
{
	DIR *directory = opendir(path);
	int length = (int)without_slashes(path), error = errno;
	struct dirent *entry;

	if (directory != NULL && trusted &&
	    is_open_to_others(dirfd(directory), path, place, reports)) {
		closedir(directory);
		return -1;
	}
	if (directory != NULL) {
		/* half a directory is no directory: look at errno */
		while (errno = 0, (entry = readdir(directory)) != NULL)
			if (wanted_name(entry->d_name))
				add_file(list,
				    xasprintf("%.*s/%s", length, path,
					entry->d_name),
				    place, reports);
		error = errno;
		closedir(directory);
	}
	if (error == 0)
		return 0;
	report_add(reports, REPORT_SYNTAX, place, "directory %s: %s", path,
	    strerror(error));
	return -1;
}

/* A folder that is not there holds no files; one that cannot be read may. */
static int
is_unreadable(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

/* Where a pattern looks for files, if only its last part is one. */
static bool
finds_what_others_add(const char *pattern, const struct place *place,
    struct reports *reports)
{
	const char *slash = strrchr(pattern, '/');
	char *path = slash == NULL ?
	    xstrdup(".") :
	    xstrndup(pattern, slash == pattern ? 1 : (size_t)(slash - pattern));
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool found = fd >= 0 && is_open_to_others(fd, path, place, reports);

	if (fd >= 0)
		close(fd);
	free(path);
	return found;
}

static int
expand_glob(const char *pattern, bool trusted, const struct place *place,
    struct reports *reports, struct list *list)
{
	glob_t found;
	bool plain = strpbrk(pattern, "*?[") == NULL;
	int result, error;

	if (trusted && !plain && finds_what_others_add(pattern, place, reports))
		return -1;
	result = glob(pattern, GLOB_NOSORT, is_unreadable, &found);
	error = errno;
	if (result == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			list_add(list, xstrdup(found.gl_pathv[i]));
	globfree(&found);
	if (result == 0 || (result == GLOB_NOMATCH && !plain))
		return 0;
	if (result == GLOB_NOMATCH)
		error = access(pattern, F_OK) != 0 ? errno : ENOENT;
	report_add(reports, REPORT_SYNTAX, place, "cannot include %s: %s",
	    pattern, strerror(error));
	return -1;
}

int
source_expand(const char *pattern, bool directory, bool trusted,
    const struct place *place, struct reports *reports, char ***names,
    size_t *count)
{
	struct list list = { NULL, 0 };
	int result;

	result = directory ?
	    expand_directory(pattern, trusted, place, reports, &list) :
	    expand_glob(pattern, trusted, place, reports, &list);
	if (list.count > 1)
		qsort(list.names, list.count, sizeof(char *), compare_names);
	*names = list.names;
	*count = list.count;
	return result;
}

void
source_list_free(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}
