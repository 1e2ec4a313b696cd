/* The words of the control socket, a row for each command. */
#include "superd/commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "superd/apart.h"
#include "superd/control/command_words.h"
#include "superd/control/acts.h"
#include "superd/control/denials.h"
#include "superd/control/events.h"
#include "superd/control/request.h"
#include "superd/control/sessions.h"
#include "superd/control/status.h"
#include "superd/control/why.h"
#include "superd/explain.h"
#include "superd/reloads.h"
#include "superd/save.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/serve/internal.h"
#include "superd/upgrade.h"

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

	return running->closed == CLOSED_NOT && strcmp(state, "failed") != 0 &&
	    strcmp(state, "removed") != 0;
}

static enum control_exit
do_show(struct request *request)
{
	enum control_exit status;
	struct running *running = request_service(request, &status);

	if (running == NULL)
		return status;
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
	struct reloading *reloading;

	reloading = calloc(1, sizeof(*reloading));
	if (reloading == NULL)
		return request_refuse(request, CONTROL_FAILED,
		    "reload: out of memory");
	reloading->request = request;
	reloading->reload.manner.dry_run = request->options[WITH_DRY_RUN] !=
	    NULL;
	reloading->reload.done = reload_done;
	reloading->reload.arg = reloading;
	request->later = reloading;
	request->unwanted = reload_unwanted;
	reload_ask(request->superd, &reloading->reload);
	return CONTROL_OK;
}

/* Switched by hand, here and in the configuration. */

static void
disable_saved(struct request *request)
{
	control_answer(request, do_disable(request));
}

/* What the configuration had switched off is served once it is read again. */
static void
enable_saved(struct request *request)
{
	const struct running *running = running_find(request->superd,
	    request->words[1]);
	enum control_exit status;

	if (running == NULL || running->removed) {
		status = do_reload(request);
		if (request->later != NULL)
			return;
	} else
		status = do_enable(request);
	control_answer(request, status);
}

static enum control_exit
do_enable_or_save(struct request *request)
{
	return request->options[WITH_SAVE] != NULL ?
	    save_switch(request, true, enable_saved) :
	    do_enable(request);
}

static enum control_exit
do_disable_or_save(struct request *request)
{
	return request->options[WITH_SAVE] != NULL ?
	    save_switch(request, false, disable_saved) :
	    do_disable(request);
}

/* help is not asked of superd. */
static control_fn *const answers[COMMANDS] = {
	[COMMAND_PING] = do_ping,
	[COMMAND_STATUS] = do_status,
	[COMMAND_LIST] = do_list,
	[COMMAND_SHOW] = do_show,
	[COMMAND_EXPLAIN] = do_explain,
	[COMMAND_SESSIONS] = do_sessions,
	[COMMAND_WHY] = do_why,
	[COMMAND_DENIED] = do_denied,
	[COMMAND_EVENTS] = do_events,
	[COMMAND_METRICS] = do_metrics,
	[COMMAND_RELOAD] = do_reload,
	[COMMAND_ENABLE] = do_enable_or_save,
	[COMMAND_DISABLE] = do_disable_or_save,
	[COMMAND_STOP] = do_stop,
	[COMMAND_DRAIN] = do_drain,
	[COMMAND_KILL] = do_kill,
	[COMMAND_SET] = do_set,
	[COMMAND_DENY] = do_deny,
	[COMMAND_ALLOW] = do_allow,
	[COMMAND_LOG_LEVEL] = do_log_level,
	[COMMAND_UPGRADE] = do_upgrade,
};

static bool
has_words_of(const struct request *request, const struct command_word *command)
{
	int count = (int)request->count, least, most;

	command_counts(command, &least, &most);
	for (unsigned i = 0; i < COMMAND_OPTIONS; i++)
		if (request->options[i] != NULL &&
		    (command->options & 1u << i) == 0)
			return false;
	return !request->garbled && count >= least && count <= most;
}

enum control_exit
commands_run(struct request *request)
{
	enum command_id command = request->count > 0 ?
	    command_find(request->words[0]) :
	    COMMANDS;

	if (command == COMMANDS || answers[command] == NULL ||
	    !has_words_of(request, &command_words[command]))
		return request_refuse(request, CONTROL_USAGE,
		    "unknown request");
	if (command_words[command].acts && request->right < RIGHT_ACT)
		return request_refuse(request, CONTROL_FAILED,
		    "%s: permission denied: root may, and the control_admin of "
		    "superd.conf",
		    request->words[0]);
	internals_hear(request->superd);
	return answers[command](request);
}
