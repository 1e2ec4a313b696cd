/* Explanations, made by a loader of their own. */
#include "superd/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/draft.h"
#include "conf/load.h"
#include "conf/output.h"
#include "conf/type.h"
#include "conf/xalloc.h"
#include "superd/base/settings.h"
#include "superd/check.h"
#include "superd/control/request.h"
#include "superd/control/table.h"
#include "superd/loader.h"
#include "superd/running/override.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

/* One value, or several of one option at one place. */
struct explained {
	const char *option, *value, *file, *from;
	unsigned line, column;
};

/* What the loader's process returns. */
struct explanation {
	size_t count;
	struct explained list[];
};

struct explainer {
	struct superd *superd;
	struct loader *loader;
	struct request *request; /* NULL: nobody asks */
	char *id;
	char option[64]; /* "": all of them */
};

/* What is told. */

static const struct fact explained_rows[] = {
	{ "option", FACT_MEMBER(struct explained, option) },
	{ "value", FACT_MEMBER(struct explained, value) },
	{ "from", FACT_MEMBER(struct explained, from) },
	{ "file", FACT_MEMBER(struct explained, file) },
	{ "line", FACT_MEMBER(struct explained, line) },
	{ "column", FACT_MEMBER(struct explained, column) },
};

const struct facts explain_facts = FACTS(explained_rows);

static const struct fact columns[] = {
	{ "OPTION", FACT_MEMBER(struct explained, option) },
	{ "VALUE", FACT_MEMBER(struct explained, value) },
	{ "FROM", FACT_MEMBER(struct explained, from) },
};

static void
tell_json(const struct explanation *explanation, struct text *text)
{
	json_open(text, NULL, '[');
	for (size_t i = 0; i < explanation->count; i++)
		facts_json_object(text, NULL, &explain_facts,
		    &explanation->list[i]);
	json_close(text, ']');
	text_add(text, "\n");
}

static void
tell_text(const struct explanation *explanation, struct text *text, bool header)
{
	struct table table = { columns, sizeof(columns) / sizeof(columns[0]),
		{ 0 } };

	table_measure_header(&table);
	for (size_t i = 0; i < explanation->count; i++)
		table_measure(&table, &explanation->list[i]);
	if (header) {
		table_header(&table, text);
		text_add(text, "PLACE\n");
	}
	for (size_t i = 0; i < explanation->count; i++) {
		const struct explained *one = &explanation->list[i];

		table_row(&table, text, one);
		if (one->file != NULL)
			text_add(text, "%s:%u:%u\n", one->file, one->line,
			    one->column);
		else
			text_add(text, "-\n");
	}
}

/* In the loader's process. */

struct making {
	const struct explainer *explainer;
	struct arena *arena;
	struct explained list[OPTIONS * 4];
	size_t count;
};

static struct explained *
add(struct making *making, const char *option, const char *value)
{
	struct explained *one = &making->list[making->count];

	if (making->count < sizeof(making->list) / sizeof(making->list[0]) - 1)
		making->count++;
	one->option = arena_text(making->arena, option);
	one->value = arena_text(making->arena, value);
	return one;
}

static bool
is_asked(const struct explainer *explainer, const char *option)
{
	return option != NULL &&
	    (explainer->option[0] == '\0' ||
		strcmp(option, explainer->option) == 0);
}

/* Values that stand in one line are told together. */
static size_t
add_values(struct making *making, const char *name,
    const struct setting *setting, size_t first)
{
	const struct place *place = &setting->values[first].place;
	bool inherited = setting->values[first].inherited || setting->borrowed;
	char *value = xstrdup(setting->values[first].text);
	struct explained *one;
	size_t next = first + 1;

	while (next < setting->count &&
	    setting->values[next].place.line == place->line &&
	    setting->values[next].inherited ==
		setting->values[first].inherited) {
		char *longer = xasprintf("%s, %s", value,
		    setting->values[next++].text);

		free(value);
		value = longer;
	}
	one = add(making, name, value);
	free(value);
	one->from = inherited ? "defaults" : "entry";
	one->file = arena_text(making->arena, place->file);
	one->line = place->line;
	one->column = place->column;
	return next;
}

/* As its type prints it: malloc'd, or NULL if it is not set. */
static char *
value_in_box(const struct attribute *attribute, const struct service *service)
{
	struct output out = { .indent = "",
		.service = service,
		.attribute = attribute };
	const char *value;
	char *text = NULL;
	size_t size;

	out.file = open_memstream(&text, &size);
	if (out.file == NULL)
		return NULL;
	if (attribute->type->print != NULL)
		attribute->type->print(&out,
		    (const char *)service->command.box + attribute->in_box);
	fclose(out.file);
	value = text != NULL ? strstr(text, " = ") : NULL;
	if (value != NULL) {
		value += strlen(" = ");
		memmove(text, value, strlen(value) + 1);
		text[strcspn(text, "\n")] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

/* What a set of a box stands for, where nothing else says it. */
static void
explain_box(struct making *making, const struct service *service,
    const struct draft *draft)
{
	const struct setting *set = &draft->settings[OPTION_BOX];

	if (!set->set || set->count == 0 || service->command.box == NULL)
		return;
	for (unsigned i = 0; i < OPTIONS; i++) {
		struct explained *one;
		char *value;

		if (attributes[i].in_box == NOWHERE || draft->settings[i].set ||
		    !is_asked(making->explainer, option_name(i)))
			continue;
		value = value_in_box(&attributes[i], service);
		if (value == NULL)
			continue;
		one = add(making, option_name(i), value);
		one->from = "box";
		one->file = arena_text(making->arena,
		    set->values[0].place.file);
		one->line = set->values[0].place.line;
		one->column = set->values[0].place.column;
		free(value);
	}
}

static void
explain_draft(void *arg, const struct service *service,
    const struct draft *draft)
{
	struct making *making = arg;
	const struct explainer *explainer = making->explainer;

	if (service->id == NULL || strcmp(service->id, explainer->id) != 0)
		return;
	for (unsigned i = 0; i < OPTIONS; i++) {
		const struct setting *setting = &draft->settings[i];
		const char *name = option_name(i);

		if (!setting->set || !is_asked(explainer, name))
			continue;
		for (size_t at = 0; at < setting->count;)
			at = add_values(making, name, setting, at);
	}
	explain_box(making, service, draft);
}

static const void *
build(void *arg, struct arena *arena)
{
	const struct explainer *explainer = arg;
	const struct options *options = explainer->superd->options;
	struct making making = { .explainer = explainer, .arena = arena };
	struct load_context context;
	struct explanation *explanation;
	struct reports reports;
	size_t size;

	check_context_alone(options, &context);
	context.drafted = explain_draft;
	context.drafted_arg = &making;
	reports_init(&reports);
	conf_load(options->file, options->directory, &context, &reports);
	size = making.count * sizeof(making.list[0]);
	explanation = arena_take(arena, sizeof(*explanation) + size);
	explanation->count = making.count;
	memcpy(explanation->list, making.list, size);
	return explanation;
}

static void *
tell(void *arg, struct arena *arena)
{
	(void)arg;
	return arena_take(arena, 1);
}

/* In the daemon. */

/* What was set by hand stands before all texts. */
static void
tell_override(const struct explainer *explainer, struct request *request)
{
	const struct running *running = running_find(explainer->superd,
	    explainer->id);
	const char *set = running != NULL ? override_text(running) : NULL;

	if (set != NULL && !request->json && explainer->option[0] == '\0')
		text_add(&request->text, "%s: set by hand: %s\n", explainer->id,
		    set);
}

static void
made(void *arg, struct loaded *loaded)
{
	struct explainer *explainer = arg;
	struct request *request = explainer->request;
	const struct explanation *explanation = loaded->built;
	enum control_exit status = CONTROL_OK;

	explainer->request = NULL;
	if (explanation == NULL)
		status = request_refuse(request, CONTROL_FAILED, "explain: %s",
		    loaded->reason);
	else if (explanation->count == 0)
		status = request_refuse(request, CONTROL_UNKNOWN,
		    "%s%s%s: no text says anything of it", explainer->id,
		    explainer->option[0] != '\0' ? "." : "", explainer->option);
	else if (request->json)
		tell_json(explanation, &request->text);
	else {
		tell_override(explainer, request);
		tell_text(explanation, &request->text, request->header);
	}
	region_free(&loaded->region);
	control_answer(request, status);
}

static void
unwanted(struct request *request)
{
	struct explainer *explainer = request->superd->explainer;

	explainer->request = NULL;
	loader_cancel(explainer->loader);
}

struct explainer *
explainer_new(struct superd *superd)
{
	struct explainer *explainer = xcalloc(1, sizeof(*explainer));

	explainer->superd = superd;
	explainer->loader = loader_new(superd->loop, made, explainer);
	return explainer;
}

void
explainer_free(struct explainer *explainer)
{
	if (explainer == NULL)
		return;
	loader_free(explainer->loader);
	free(explainer->id);
	free(explainer);
}

/* ID, or ID.OPTION: the last dot, where an option's name stands behind it. */
static void
take_option(struct explainer *explainer, char *word)
{
	char *dot = strrchr(word, '.');

	explainer->option[0] = '\0';
	if (dot == NULL || option_find(dot + 1) == OPTIONS)
		return;
	snprintf(explainer->option, sizeof(explainer->option), "%s", dot + 1);
	*dot = '\0';
}

static enum control_exit
start(struct request *request, struct explainer *explainer,
    const struct running *running)
{
	const struct loader_job job = {
		.memory = request->superd->conf->globals.load_memory,
		.seconds = request->superd->conf->globals.load_timeout,
		.build = build,
		.tell = tell,
		.arg = explainer,
	};
	char *id = strdup(running->id);

	free(explainer->id);
	explainer->id = id;
	if (id == NULL || loader_start(explainer->loader, &job) != 0)
		return request_refuse(request, CONTROL_FAILED, "explain: %s",
		    strerror(errno));
	explainer->request = request;
	request->later = explainer;
	request->unwanted = unwanted;
	request->while_there = true;
	return CONTROL_OK;
}

enum control_exit
do_explain(struct request *request)
{
	struct explainer *explainer = request->superd->explainer;
	const struct running *running;
	enum control_exit status;

	if (explainer->request != NULL)
		return request_refuse(request, CONTROL_FAILED,
		    "explain: busy with another one, try again");
	take_option(explainer, request->words[1]);
	running = request_service(request, &status);
	return running != NULL ? start(request, explainer, running) : status;
}
