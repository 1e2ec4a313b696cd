/* Writing a superd.conf for "superd run". */
#include "superd/oneliner_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/output.h"
#include "conf/xalloc.h"
#include "superd/oneliner_world.h"

#define NAME "superd run"

struct value {
	char *said, *text;
};

struct values {
	struct value *list;
	size_t count;
};

struct oneliner {
	struct values attributes[OPTIONS];
	struct values places[LISTEN_KINDS];
	bool chose_port;
};

/* A text on its way, and the words its lines come from. */
struct page {
	FILE *file;
	struct output out;
	char **lines;
	size_t count;
};

/* Collecting. */

struct oneliner *
oneliner_new(void)
{
	return xcalloc(1, sizeof(struct oneliner));
}

static void
values_add(struct values *values, const char *said, const char *text)
{
	values->list = xreallocarray(values->list, values->count + 1,
	    sizeof(*values->list));
	values->list[values->count].said = xstrdup(said);
	values->list[values->count++].text = xstrdup(text);
}

static void
values_free(struct values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		free(values->list[i].said);
		free(values->list[i].text);
	}
	free(values->list);
}

void
oneliner_free(struct oneliner *line)
{
	for (size_t i = 0; i < OPTIONS; i++)
		values_free(&line->attributes[i]);
	for (size_t i = 0; i < LISTEN_KINDS; i++)
		values_free(&line->places[i]);
	free(line);
}

void
oneliner_value(struct oneliner *line, enum option_id id, const char *said,
    const char *text)
{
	values_add(&line->attributes[id], said, text);
}

bool
oneliner_has(const struct oneliner *line, enum option_id id)
{
	return line->attributes[id].count > 0;
}

/* "0" and "HOST:0" */
static bool
is_any_port(const char *text)
{
	size_t length = strlen(text);

	return strcmp(text, "0") == 0 ||
	    (length > 2 && strcmp(text + length - 2, ":0") == 0 &&
		(text[0] == '[' || strchr(text, ':') == text + length - 2));
}

static int
listen_any(struct oneliner *line, enum listen_kind kind, const char *said,
    const char *text)
{
	unsigned port = world_free_port(kind == LISTEN_UDP);
	char *place;

	if (port == 0) {
		fprintf(stderr, NAME ": %s: there is no free port\n", said);
		return -1;
	}
	place = xasprintf("%.*s%u", (int)strlen(text) - 1, text, port);
	values_add(&line->places[kind], said, place);
	line->chose_port = true;
	free(place);
	return 0;
}

int
oneliner_listen(struct oneliner *line, enum listen_kind kind, const char *said,
    const char *text)
{
	char *path;

	if (kind != LISTEN_UNIX && strpbrk(text, "/@") != NULL) {
		fprintf(stderr,
		    NAME ": %s: expected PORT or HOST:PORT; a path has "
			 "--unix before it\n",
		    said);
		return -1;
	}
	if (kind != LISTEN_UNIX && is_any_port(text))
		return listen_any(line, kind, said, text);
	path = kind == LISTEN_UNIX && text[0] != '@' ?
	    world_absolute(text) :
	    xstrdup(text);
	values_add(&line->places[kind], said, path);
	free(path);
	return 0;
}

static size_t
count_places(const struct oneliner *line)
{
	size_t count = 0;

	for (size_t i = 0; i < LISTEN_KINDS; i++)
		count += line->places[i].count;
	return count;
}

/* Attributes that say where. */
static bool
listens_by_attribute(const struct oneliner *line)
{
	return oneliner_has(line, OPTION_LISTEN) ||
	    oneliner_has(line, OPTION_PORT) || oneliner_has(line, OPTION_NAME);
}

bool
oneliner_listens(const struct oneliner *line)
{
	return count_places(line) > 0 || listens_by_attribute(line);
}

bool
oneliner_chose_port(const struct oneliner *line)
{
	return line->chose_port;
}

/* Writing. */

/* After a newline has been written. */
static void
end_line(struct page *page, const char *said)
{
	page->lines = xreallocarray(page->lines, page->count + 1,
	    sizeof(*page->lines));
	page->lines[page->count++] = xstrdup(said);
}

/* Each value of a list has a line. */
static void
write_values(struct page *page, const char *name, const struct values *values,
    bool list)
{
	fprintf(page->file, "%s = %s", name, list ? "{" : "");
	for (size_t i = 0; i < values->count; i++) {
		print_quoted(&page->out, values->list[i].text);
		fprintf(page->file, "%s\n",
		    !list		      ? "" :
			i + 1 < values->count ? "," :
						"}");
		end_line(page, values->list[i].said);
	}
}

static void
write_attributes(struct page *page, const struct oneliner *line, bool global)
{
	for (int i = 0; i < OPTIONS; i++) {
		enum option_id id = (enum option_id)i;
		bool own = option_may_stand(id, IN_SERVICE);

		if (line->attributes[i].count > 0 && own != global)
			write_values(page, option_name(id),
			    &line->attributes[i], attributes[i].most != 1);
	}
}

/* What serves it is what people call it. */
static const char *
title(const struct oneliner *line)
{
	static const enum option_id ids[] = { OPTION_NAME, OPTION_SERVER,
		OPTION_INTERNAL };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (oneliner_has(line, ids[i])) {
			const char
			    *text = line->attributes[ids[i]].list[0].text;
			const char *slash = strrchr(text, '/');

			return slash != NULL ? slash + 1 : text;
		}
	return "redirect";
}

/* Where nobody says who: whoever started superd, as other such programs do. */
static void
write_user(struct page *page, const struct oneliner *line)
{
	if (oneliner_has(line, OPTION_USER) ||
	    !oneliner_has(line, OPTION_SERVER))
		return;
	if (geteuid() == 0)
		fputs("user = root\n", page->file);
	else
		fprintf(page->file, "user = %u\n", (unsigned)geteuid());
	end_line(page, NAME);
}

/* number: of several, which need names of their own; 0: the only one. */
static void
write_service(struct page *page, const struct oneliner *line,
    enum listen_kind kind, const struct values *places, size_t number)
{
	static const char *const protocols[] = { [LISTEN_TCP] = "tcp",
		[LISTEN_UDP] = "udp",
		[LISTEN_UNIX] = "unix" };
	char *id = number == 0 ?
	    xstrdup(title(line)) :
	    xasprintf("%s-%zu/%s", title(line), number, protocols[kind]);

	fputs("service ", page->file);
	print_quoted(&page->out, id);
	fputs(" {\n", page->file);
	end_line(page, NAME);
	if (kind != LISTEN_TCP) {
		fprintf(page->file, "protocol = %s\n", protocols[kind]);
		end_line(page, NAME);
	}
	if (places->count > 0)
		write_values(page, "listen", places, true);
	write_user(page, line);
	write_attributes(page, line, false);
	fputs("}\n", page->file);
	end_line(page, NAME);
	free(id);
}

static void
write_services(struct page *page, const struct oneliner *line)
{
	const struct values *tcp = &line->places[LISTEN_TCP];
	const struct values *udp = &line->places[LISTEN_UDP];
	const struct values *paths = &line->places[LISTEN_UNIX];
	bool first = tcp->count > 0 || (udp->count == 0 && paths->count == 0);
	bool several = (size_t)first + (udp->count > 0) + paths->count > 1;
	size_t number = several;

	if (first) {
		write_service(page, line, LISTEN_TCP, tcp, number);
		number += several;
	}
	if (udp->count > 0) {
		write_service(page, line, LISTEN_UDP, udp, number);
		number += several;
	}
	/* a service has one path */
	for (size_t i = 0; i < paths->count; i++, number += several) {
		const struct values one = { &paths->list[i], 1 };

		write_service(page, line, LISTEN_UNIX, &one, number);
	}
}

const struct source *
oneliner_source(const struct oneliner *line)
{
	static struct source source;
	struct page page = { .file = NULL };
	char *text = NULL;
	size_t length = 0;

	page.file = open_memstream(&text, &length);
	if (page.file == NULL)
		abort();
	page.out.file = page.file;
	write_attributes(&page, line, true);
	write_services(&page, line);
	if (fclose(page.file) != 0)
		abort();
	source.name = xstrdup(NAME);
	source.text = text;
	source.length = length;
	source.lines = page.lines;
	source.nlines = page.count;
	return &source;
}
