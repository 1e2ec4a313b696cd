/* Units read: files, drop-ins, and the lines that count. */
#include "superd/systemd/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

/* Files. */

static bool
exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static bool
read_file(struct pair *pair, struct unit *unit, const char *path)
{
	struct source source;

	if (source_read(&source, path, false, &pair->reports) != 0)
		return false;
	unit_read(unit, &source, &pair->reports);
	source_free(&source);
	return true;
}

static void
read_drop_ins(struct pair *pair, struct unit *unit, const char *file)
{
	char *path = xasprintf("%s/%s.d", pair->directory, file), *pattern;
	const struct place place = { .file = path };
	char **list;
	size_t count;

	pattern = xasprintf("%s/*.conf", path);
	if (exists(path) &&
	    source_expand(pattern, false, false, &place, &pair->reports, &list,
		&count) == 0) {
		for (size_t i = 0; i < count; i++)
			read_file(pair, unit, list[i]);
		source_list_free(list, count);
	}
	free(pattern);
	free(path);
}

/* False: there is none. */
static bool
read_unit(struct pair *pair, struct unit *unit, const char *file)
{
	char *path = xasprintf("%s/%s", pair->directory, file);
	bool found = exists(path) && read_file(pair, unit, path);

	free(path);
	if (found)
		read_drop_ins(pair, unit, file);
	return found;
}

/* Lines. */

struct unit *
pair_unit(struct pair *pair, enum key key)
{
	return strcmp(keys[key].section, "Socket") == 0 ?
	    &pair->socket :
	    &pair->service;
}

bool
pair_is_line(const struct unit_line *line, enum key key)
{
	return strcmp(line->section, keys[key].section) == 0 &&
	    strcmp(line->name, keys[key].name) == 0;
}

struct unit_line *
pair_find(struct pair *pair, enum key key)
{
	struct unit *unit = pair_unit(pair, key);

	for (size_t i = unit->count; i-- > 0;)
		if (pair_is_line(&unit->lines[i], key))
			return &unit->lines[i];
	return NULL;
}

const char *
pair_value(struct pair *pair, enum key key)
{
	struct unit_line *line = pair_find(pair, key);

	if (line == NULL)
		return NULL;
	line->used = true;
	return line->value;
}

bool
unit_is_yes(const char *text)
{
	bool yes = false;

	return text != NULL &&
	    (strcmp(text, "1") == 0 || (parse_bool(text, &yes) == 0 && yes));
}

char *
pair_specify(const struct pair *pair, const char *text)
{
	char *result = NULL;
	size_t size;
	FILE *to = open_memstream(&result, &size);
	bool known = to != NULL;

	for (; known && *text != '\0'; text++)
		if (*text != '%')
			fputc(*text, to);
		else if (*++text == '%')
			fputc('%', to);
		else if (*text == 'n' || *text == 'N' || *text == 'p')
			fprintf(to, "%s%s", pair->name,
			    *text == 'n' ? ".service" : "");
		else
			known = false;
	if (to != NULL)
		fclose(to);
	if (known)
		return result;
	free(result);
	return NULL;
}

static bool
read_service(struct pair *pair)
{
	const char *named = pair_value(pair, KEY_SERVICE);
	char *file = named != NULL && !pair->accepts ?
	    xstrdup(named) :
	    xasprintf("%s%s.service", pair->name, pair->accepts ? "@" : "");
	bool found = strchr(file, '/') == NULL &&
	    read_unit(pair, &pair->service, file);

	if (!found)
		fprintf(stderr, "%s/%s.socket: %s: expected its service\n",
		    pair->directory, pair->name, file);
	free(file);
	return found;
}

bool
pair_read(struct pair *pair, const char *name)
{
	char *file = xasprintf("%s.socket", name);
	bool found;

	pair->name = name;
	found = read_unit(pair, &pair->socket, file);
	free(file);
	if (!found)
		return false;
	pair->accepts = unit_is_yes(pair_value(pair, KEY_ACCEPT));
	return read_service(pair);
}

void
pair_free(struct pair *pair)
{
	unit_free(&pair->socket);
	unit_free(&pair->service);
}
