/* The words of the control socket, a row for each command. */
#include "superd/commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "superd/control/command_words.h"
#include "superd/control/status.h"
#include "superd/reloads.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/serve/internal.h"

static enum control_exit refuse(struct request *, enum control_exit,
    const char *, ...) __attribute__((format(printf, 3, 4)));

static enum control_exit
refuse(struct request *request, enum control_exit status, const char *fmt, ...)
{
	char message[CONTROL_LINE_MAX + 256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	text_add(&request->text, "%s\n", message);
	request->error = true;
	return status;
}

static enum control_exit
do_ping(struct request *request)
{
	if (request->json)
		text_add(&request->text, "{\"pid\":%d}\n", (int)getpid());
	else
		text_add(&request->text, "superd %s pid %d\n", SUPERD_VERSION,
		    (int)getpid());
	return CONTROL_OK;
}

static enum control_exit
do_status(struct request *request)
{
	if (request->json)
		status_json(request->superd, &request->text);
	else
		status_text(request->superd, &request->text, request->header);
	return CONTROL_OK;
}

static enum control_exit
do_list(struct request *request)
{
	if (request->json)
		status_list_json(request->superd, &request->text);
	else
		status_list_text(request->superd, &request->text,
		    request->header);
	return CONTROL_OK;
}

static bool
is_served(const struct running *running)
{
	const char *state = running_state(running);

	return strcmp(state, "failed") != 0 && strcmp(state, "removed") != 0;
}

/* The only one whose id begins with this; or the one that it is a whole part
 * of: 21 is 21/tcp, though there is 2100/tcp, too. */
static struct running *
find_beginning(struct superd *superd, const char *word)
{
	size_t length = strlen(word), count = 0, parts = 0;
	struct running *running, *found = NULL, *part = NULL;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		if (strncmp(running->id, word, length) != 0)
			continue;
		count++;
		found = running;
		if (running->id[length] != '/')
			continue;
		parts++;
		part = running;
	}
	return count == 1 ? found : parts == 1 ? part : NULL;
}

enum { SHOWN_IDS = 5 };

/* Some of several ids that begin so; false: there is none. */
static bool
list_beginnings(struct superd *superd, const char *word, char *buf, size_t size)
{
	size_t count = 0, used = 0;
	struct running *running;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		if (strncmp(running->id, word, strlen(word)) != 0)
			continue;
		if (count++ < SHOWN_IDS && used < size)
			used += (size_t)snprintf(buf + used, size - used,
			    "%s%s", count > 1 ? ", " : "", running->id);
	}
	if (count > SHOWN_IDS && used < size)
		snprintf(buf + used, size - used, ", ...");
	return count > 0;
}

/* malloc'd, and the last is NULL; or NULL. */
static const char **
all_ids(struct superd *superd)
{
	size_t count = 0;
	const char **ids;
	struct running *running;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		count++;
	ids = reallocarray(NULL, count + 1, sizeof(*ids));
	if (ids == NULL)
		return NULL;
	count = 0;
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		ids[count++] = running->id;
	ids[count] = NULL;
	return ids;
}

/* An entry of the configuration that is left out. */
static const struct service *
find_unservable(const struct conf *conf, const char *id)
{
	for (size_t i = 0; i < conf->count; i++)
		if (conf->services[i]->unservable &&
		    strcmp(conf->services[i]->id, id) == 0)
			return conf->services[i];
	return NULL;
}

static enum control_exit
no_service(struct request *request, const char *word)
{
	const struct service *unservable;
	const char **ids;
	struct hint hint;
	char several[256];

	unservable = find_unservable(request->superd->conf, word);
	if (unservable != NULL)
		return refuse(request, CONTROL_INACTIVE,
		    "%s is not served: %s:%u has an error, see superd -t", word,
		    unservable->place.file, unservable->place.line);
	if (list_beginnings(request->superd, word, several, sizeof(several)))
		return refuse(request, CONTROL_UNKNOWN,
		    "more than one service begins with %s: %s", word, several);
	ids = all_ids(request->superd);
	refuse(request, CONTROL_UNKNOWN, "no service %s%s", word,
	    ids != NULL ? report_hint(&hint, word, ids) : "");
	free(ids);
	return CONTROL_UNKNOWN;
}

static enum control_exit
do_show(struct request *request)
{
	const char *word = request->words[1];
	struct running *running = running_find(request->superd, word);

	if (running == NULL)
		running = find_beginning(request->superd, word);
	if (running == NULL)
		return no_service(request, word);
	if (request->json)
		status_show_json(running, &request->text);
	else
		status_show_text(running, &request->text);
	return is_served(running) ? CONTROL_OK : CONTROL_INACTIVE;
}

static void
report_text(const void *object, struct fact_value *value)
{
	value->text = report_format(object, value->room, sizeof(value->room));
}

static const struct fact report_row[] = { { NULL, FACT_TEXT,
    .get = report_text } };
static const struct facts report_facts = { report_row, 1, .bare = true };

static void
each_report(const void *object, fact_visit_fn *visit, void *arg)
{
	for (size_t i = 0; i < reload_reports(object); i++)
		visit(arg, NULL, reload_report(object, i));
}

#define SIZE(member) FACT_SIZE, .offset = offsetof(struct reload_result, member)

static const struct fact reload_rows[] = {
	{ "applied", FACT_MEMBER(struct reload_result, applied) },
	{ "added", SIZE(added) },
	{ "removed", SIZE(dropped) },
	{ "changed", SIZE(changed) },
	{ "kept", SIZE(kept) },
	{ "stale", SIZE(stale) },
	{ "reports", FACT_LIST, .each = each_report, .within = &report_facts },
};

const struct facts reload_facts = FACTS(reload_rows);

static void
reload_text(struct text *text, const struct reload_result *result, bool dry_run)
{
	char line[1024];

	for (size_t i = 0; i < reload_reports(result); i++)
		text_add(text, "%s\n",
		    report_format(reload_report(result, i), line,
			sizeof(line)));
	if (result->applied || (dry_run && result->reports != NULL))
		text_add(text, "%s\n",
		    reload_summary(result, line, sizeof(line)));
	else
		text_add(text, "reload refused, nothing was changed\n");
}

/* Nothing, a part, or all of the new configuration is served now. */
static enum control_exit
reload_status(const struct reload_result *result, bool dry_run)
{
	if (dry_run ? !result->acceptable : !result->applied)
		return CONTROL_FAILED;
	return reload_failed(result) ? CONTROL_INACTIVE : CONTROL_OK;
}

/* The client waits for it, and nobody else. */
struct reloading {
	struct reload_request reload;
	struct request *request;
};

static void
reload_done(void *arg, const struct reload_result *result)
{
	struct reloading *reloading = arg;
	struct request *request = reloading->request;
	bool dry_run = reloading->reload.manner.dry_run;

	if (request->json)
		facts_json_line(&request->text, &reload_facts, result);
	else
		reload_text(&request->text, result, dry_run);
	free(reloading);
	control_answer(request, reload_status(result, dry_run));
}

static void
reload_unwanted(struct request *request)
{
	struct reloading *reloading = request->later;

	reload_forget(request->superd, &reloading->reload);
	free(reloading);
}

static enum control_exit
do_reload(struct request *request)
{
	bool dry_run = request->count > 1;
	struct reloading *reloading;

	if (dry_run && strcmp(request->words[1], CONTROL_DRY_RUN) != 0)
		return refuse(request, CONTROL_USAGE,
		    "reload: expected " CONTROL_DRY_RUN);
	reloading = calloc(1, sizeof(*reloading));
	if (reloading == NULL)
		return refuse(request, CONTROL_FAILED, "reload: out of memory");
	reloading->request = request;
	reloading->reload.manner.dry_run = dry_run;
	reloading->reload.done = reload_done;
	reloading->reload.arg = reloading;
	request->later = reloading;
	request->unwanted = reload_unwanted;
	reload_ask(request->superd, &reloading->reload);
	return CONTROL_OK;
}

/* help is not asked of superd. */
static control_fn *const answers[COMMANDS] = {
	[COMMAND_PING] = do_ping,
	[COMMAND_STATUS] = do_status,
	[COMMAND_LIST] = do_list,
	[COMMAND_SHOW] = do_show,
	[COMMAND_RELOAD] = do_reload,
};

static bool
has_words_of(const struct request *request, const struct command_word *command)
{
	size_t least = command->argument != NULL ? 2 : 1;

	return request->count >= least &&
	    request->count <= least + command->dry_run;
}

enum control_exit
commands_run(struct request *request)
{
	enum command_id command = request->count > 0 ?
	    command_find(request->words[0]) :
	    COMMANDS;

	if (command == COMMANDS || answers[command] == NULL ||
	    !has_words_of(request, &command_words[command]))
		return refuse(request, CONTROL_USAGE, "unknown request");
	internals_hear(request->superd);
	return answers[command](request);
}
