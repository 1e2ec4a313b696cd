/* Entries switched on and off in their files, by a loader of its own. */
#include "superd/save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"
#include "conf/edit.h"
#include "conf/load.h"
#include "conf/source.h"
#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/file_replace.h"
#include "superd/base/settings.h"
#include "superd/check.h"
#include "superd/control/request.h"
#include "superd/loader.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

enum { REPORT_SHOWN = 1024 };

struct saver {
	struct superd *superd;
	struct loader *loader;
	struct request *request; /* NULL: nobody asks */
	void (*saved)(struct request *);
	char *id;
	bool on;
};

/* What the loader's process returns: why it was not saved, or NULL. */
struct outcome {
	const char *why;
};

/* In the loader's process. */

/* Where the service stands, and what says that it is off. */
struct found {
	const char *id;
	bool found, own; /* own: the entry itself says whether it is off */
	enum dialect dialect;
	struct place entry, value;
};

/* A load of the texts as they are, or with another text of one file. */
struct reading {
	struct load_context context;
	struct reports reports;
	struct conf *conf;
};

static void
find_draft(void *arg, const struct service *service, const struct draft *draft)
{
	const struct setting *disable = &draft->settings[OPTION_DISABLE];
	struct found *found = arg;

	if (service->id == NULL || strcmp(service->id, found->id) != 0)
		return;
	found->found = true;
	found->dialect = service->dialect;
	found->entry = service->place;
	found->own = disable->set && disable->count > 0 && !disable->borrowed &&
	    !disable->values[disable->count - 1].inherited;
	if (found->own)
		found->value = disable->values[disable->count - 1].place;
}

static void
read_texts(struct reading *reading, const struct options *options,
    const struct source *instead, struct found *found)
{
	check_context_alone(options, &reading->context);
	if (instead != NULL)
		reading->context.given = instead;
	if (found != NULL) {
		reading->context.drafted = find_draft;
		reading->context.drafted_arg = found;
	}
	reports_init(&reading->reports);
	reading->conf = conf_load(options->file, options->directory,
	    &reading->context, &reading->reports);
}

static bool
is_on(const struct conf *conf, const char *id)
{
	const struct service *service = conf_find(conf, id);

	return service != NULL && !service->disabled;
}

/* The same services, but for this one, in the same state. */
static bool
is_alike(const struct conf *a, const struct conf *b, const char *id)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a->count && strcmp(a->services[i]->id, id) == 0)
			i++;
		while (j < b->count && strcmp(b->services[j]->id, id) == 0)
			j++;
		if (i == a->count || j == b->count)
			return i == a->count && j == b->count;
		if (strcmp(a->services[i]->id, b->services[j]->id) != 0 ||
		    a->services[i]->disabled != b->services[j]->disabled)
			return false;
		i++;
		j++;
	}
}

/* Does the edited text mean what it is meant to? */
static bool
is_meant(const struct saver *saver, const struct reading *before,
    const char *file, const struct edited *edited)
{
	const struct source source = { .name = (char *)(uintptr_t)file,
		.text = edited->text,
		.length = edited->length };
	struct reading after;

	read_texts(&after, saver->superd->options, &source, NULL);
	return reports_at_least(&after.reports, REPORT_SYNTAX) <=
	    reports_at_least(&before->reports, REPORT_SYNTAX) &&
	    is_on(after.conf, saver->id) == saver->on &&
	    is_alike(before->conf, after.conf, saver->id);
}

/* The file's octets: a mark of the order of octets counts in no place. */
static bool
take_file(const char *path, struct source *source, struct edited *edited,
    struct reports *reports)
{
	if (source_read(source, path, false, reports) != 0)
		return false;
	edited->text = xstrdup(source->text);
	edited->length = source->length;
	return true;
}

static const char *
write_file(const struct source *source, const struct edited *edited)
{
	static const char mark[] = "\xef\xbb\xbf";
	char *bytes = xasprintf("%s%s", source->marked ? mark : "",
	    edited->text);
	int error = file_rewrite(source->name, source->stamp, bytes,
	    strlen(bytes));

	free(bytes);
	if (error == 0)
		return NULL;
	return xasprintf("%s: %s", source->name,
	    error == ESTALE ? "it was changed meanwhile" : strerror(error));
}

static bool
switch_entry(struct edited *edited, const struct found *found, bool on)
{
	const char *word = on ? "no" : "yes";
	char *line;
	bool done;

	if (found->dialect == DIALECT_INETD)
		return edit_line(edited, found->entry.line, EDIT_OFF_MARK);
	if (found->dialect == DIALECT_XINETD &&
	    edit_setting(edited, &found->entry, "disable", word))
		return true;
	if (found->own && found->dialect == DIALECT_SUPERD)
		return edit_word(edited, &found->value, word);
	line = xasprintf("disable = %s", word);
	done = edit_section(edited, &found->entry, line);
	free(line);
	return done;
}

static const char *
save_entry(const struct saver *saver, const struct reading *before,
    const struct found *found)
{
	const char *file = found->entry.file;
	struct reports reports;
	struct edited edited;
	struct source source;

	reports_init(&reports);
	if (!take_file(file, &source, &edited, &reports))
		return xasprintf("%s cannot be read: expected a file", file);
	if (!switch_entry(&edited, found, saver->on) ||
	    !is_meant(saver, before, file, &edited))
		return xasprintf("%s:%u: expected an entry that can be "
				 "switched by one line of its own",
		    file, found->entry.line);
	return write_file(&source, &edited);
}

/* Entries of inetd.conf that are off are comments. */

/* Could this line be the service's? */
static bool
is_off(const char *line, const char *id)
{
	size_t name = strcspn(id, "/:"), length = strcspn(line, "\n");

	return strncmp(line, EDIT_OFF_MARK, strlen(EDIT_OFF_MARK)) == 0 &&
	    memmem(line, length, id, name) != NULL;
}

/* NULL: there is none in this file. */
static const char *
switch_comment(const struct saver *saver, const struct reading *before,
    const struct source *source, bool *done)
{
	unsigned number = 0;

	for (const char *line = source->text; line != NULL;) {
		struct edited edited = { NULL, source->length };

		number++;
		if (is_off(line, saver->id)) {
			edited.text = xstrdup(source->text);
			*done = edit_line_without(&edited, number,
				    EDIT_OFF_MARK) &&
			    is_meant(saver, before, source->name, &edited);
			if (*done)
				return write_file(source, &edited);
			free(edited.text);
		}
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return NULL;
}

/* A file that is not read, where it would have been, is why. */
static const char *
not_found(const struct saver *saver, const struct reports *reports,
    const char *more)
{
	char line[REPORT_SHOWN];

	for (size_t i = 0; i < reports->count; i++)
		if (reports->list[i].level >= REPORT_SYNTAX)
			return xstrdup(report_format(&reports->list[i], line,
			    sizeof(line)));
	return xasprintf("no entry of %s was found%s", saver->id, more);
}

static const char *
save_comment(const struct saver *saver, const struct reading *before)
{
	const struct conf *conf = before->conf;
	struct reports reports;
	struct edited edited;
	struct source source;
	bool done = false;

	reports_init(&reports);
	for (size_t i = 0; i < conf->nfiles; i++) {
		const char *why;

		if (!take_file(conf->files[i], &source, &edited, &reports))
			continue;
		why = switch_comment(saver, before, &source, &done);
		if (done)
			return why;
	}
	return not_found(saver, &before->reports,
	    ", nor one that is switched off by \"" EDIT_OFF_MARK "\"");
}

static const char *
save(const struct saver *saver)
{
	struct found found = { .id = saver->id };
	struct reading before;

	read_texts(&before, saver->superd->options, NULL, &found);
	if (found.found && is_on(before.conf, saver->id) == saver->on)
		return NULL; /* it says so already */
	if (found.found)
		return save_entry(saver, &before, &found);
	if (saver->on)
		return save_comment(saver, &before);
	return not_found(saver, &before.reports, "");
}

static const void *
build(void *arg, struct arena *arena)
{
	struct outcome *outcome = arena_take(arena, sizeof(*outcome));

	outcome->why = arena_text(arena, save(arg));
	return outcome;
}

static void *
tell(void *arg, struct arena *arena)
{
	(void)arg;
	return arena_take(arena, 1);
}

/* In the daemon. */

static void
made(void *arg, struct loaded *loaded)
{
	struct saver *saver = arg;
	struct request *request = saver->request;
	const struct outcome *outcome = loaded->built;
	const char *why = outcome != NULL ? outcome->why : loaded->reason;

	saver->request = NULL;
	request->later = NULL;
	request->unwanted = NULL;
	if (why != NULL) {
		request_refuse(request, CONTROL_FAILED, "not saved: %s", why);
		control_answer(request, CONTROL_FAILED);
	} else
		saver->saved(request);
	region_free(&loaded->region);
}

/* superd ends: the file is as it was, or as it is to be. */
static void
unwanted(struct request *request)
{
	struct saver *saver = request->superd->saver;

	saver->request = NULL;
	loader_cancel(saver->loader);
}

struct saver *
saver_new(struct superd *superd)
{
	struct saver *saver = xcalloc(1, sizeof(*saver));

	saver->superd = superd;
	saver->loader = loader_new(superd->loop, made, saver);
	return saver;
}

void
saver_free(struct saver *saver)
{
	if (saver == NULL)
		return;
	loader_free(saver->loader);
	free(saver->id);
	free(saver);
}

/* Its id; what is off in the configuration does not run, and is named in
 * full. */
static const char *
id_of(struct request *request, bool on, enum control_exit *status)
{
	const char *word = request->words[1];
	const struct running *running;

	*status = CONTROL_OK;
	if (on && running_find(request->superd, word) == NULL)
		return word;
	running = request_defined(request, status);
	return running != NULL ? running->id : NULL;
}

enum control_exit
save_switch(struct request *request, bool on, void (*saved)(struct request *))
{
	struct saver *saver = request->superd->saver;
	const struct globals *globals = &request->superd->conf->globals;
	const struct loader_job job = { .memory = globals->load_memory,
		.seconds = globals->load_timeout,
		.build = build,
		.tell = tell,
		.arg = saver };
	enum control_exit status;
	const char *id;

	if (saver->request != NULL)
		return request_refuse(request, CONTROL_FAILED,
		    "busy with another service, try again");
	id = id_of(request, on, &status);
	if (id == NULL)
		return status;
	free(saver->id);
	saver->id = strdup(id);
	saver->on = on;
	saver->saved = saved;
	if (saver->id == NULL || loader_start(saver->loader, &job) != 0)
		return request_refuse(request, CONTROL_FAILED, "not saved: %s",
		    strerror(errno));
	saver->request = request;
	request->later = saver;
	request->unwanted = unwanted;
	return CONTROL_OK;
}
