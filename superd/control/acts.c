/* Services opened and closed by hand. */
#include "superd/control/acts.h"

#include <stdlib.h>
#include <string.h>

#include "conf/units.h"
#include "superd/base/clock.h"
#include "superd/control/request.h"
#include "superd/control/sessions.h"
#include "superd/control/status.h"
#include "superd/running/closed.h"
#include "superd/running/ending.h"
#include "superd/running/event.h"
#include "superd/running/override.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/serve/internal.h"

/* Seconds, and how often sessions are counted. */
enum { DRAIN_TIME = 60, DRAIN_MOST = 86400, LOOK = 50 * MILLISECOND };

/* What has become of it: as list has it. */
static void
tell_state(struct request *request, const struct running *running)
{
	const char *state = running_state(running);

	if (request->json) {
		json_open(&request->text, NULL, '{');
		json_string(&request->text, "id", running->id);
		json_string(&request->text, "state", state);
		json_close(&request->text, '}');
		text_add(&request->text, "\n");
	} else
		text_add(&request->text, "%s: %s\n", running->id, state);
}

enum control_exit
do_enable(struct request *request)
{
	enum control_exit status;
	struct running *running = request_defined(request, &status);
	int error = 0;

	if (running == NULL)
		return status;
	if (running->closed != CLOSED_NOT)
		error = running_reopen(running);
	if (error != 0)
		return request_refuse(request, CONTROL_INACTIVE,
		    "%s: cannot bind, retrying: %s", running->id,
		    strerror(error));
	tell_state(request, running);
	return CONTROL_OK;
}

static enum control_exit
close_one(struct request *request, enum closed why)
{
	enum control_exit status;
	struct running *running = request_defined(request, &status);

	if (running == NULL)
		return status;
	running_close(running, why);
	tell_state(request, running);
	return CONTROL_OK;
}

enum control_exit
do_disable(struct request *request)
{
	return close_one(request, CLOSED_DISABLED);
}

enum control_exit
do_stop(struct request *request)
{
	return close_one(request, CLOSED_STOPPED);
}

/* Limits. */

/* OPTION=VALUE, taken apart; NULL: it is not. */
static char *
value_of(char *word)
{
	char *value = strchr(word, '=');

	if (value != NULL)
		*value++ = '\0';
	return value;
}

/* False: it is refused with this status. */
static bool
check_setting(struct request *request, const char *option, const char *value,
    enum control_exit *status)
{
	struct hint hint;

	switch (
	    value != NULL ? override_check(option, value) : OVERRIDE_UNKNOWN) {
	case OVERRIDE_DONE:
		return true;
	case OVERRIDE_WRONG:
		*status = request_refuse(request, CONTROL_USAGE,
		    "%s: expected %s", option, override_wants(option));
		return false;
	default:
		*status = request_refuse(request, CONTROL_USAGE,
		    "%s: expected OPTION=VALUE of a limit, such as "
		    "instances=50%s",
		    option, override_hint(&hint, option));
		return false;
	}
}

static void
tell_override(struct request *request, struct running *running)
{
	if (request->json)
		status_show_json(running, &request->text);
	else
		text_add(&request->text, "%s: %s\n", running->id,
		    override_text(running));
}

enum control_exit
do_set(struct request *request)
{
	enum control_exit status;
	struct running *running = request_defined(request, &status);
	const char *values[CONTROL_WORDS_MAX];

	if (running == NULL)
		return status;
	for (size_t i = 2; i < request->count; i++) {
		values[i] = value_of(request->words[i]);
		if (!check_setting(request, request->words[i], values[i],
			&status))
			return status;
	}
	for (size_t i = 2; i < request->count; i++)
		if (override_set(running, request->words[i], values[i]) !=
		    OVERRIDE_DONE)
			return request_refuse(request, CONTROL_FAILED,
			    "set: out of memory");
	running_limits_changed(running);
	internals_settle(request->superd);
	endings_settle(request->superd);
	event_set(running, override_text(running));
	tell_override(request, running);
	return CONTROL_OK;
}

/* Draining. */

struct drain {
	struct request *request;
	char *id; /* NULL: all services */
	int64_t until;
	struct loop_timer timer;
};

static void
drain_free(struct drain *drain)
{
	loop_timer_stop(drain->request->superd->loop, &drain->timer);
	free(drain->id);
	free(drain);
}

static void
unwanted(struct request *request)
{
	drain_free(request->later);
}

static size_t
sessions_left(const struct drain *drain)
{
	struct superd *superd = drain->request->superd;
	struct running *running;
	size_t left = 0;

	if (drain->id != NULL) {
		running = running_find(superd, drain->id);
		return running != NULL ? running->children : 0;
	}
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		left += running->children;
	return left;
}

static void
answer(struct drain *drain, size_t left)
{
	struct request *request = drain->request;

	if (request->json)
		facts_json_line(&request->text, &session_count_facts, &left);
	else
		text_add(&request->text, "%s: %zu session%s left\n",
		    drain->id != NULL ? drain->id : "all services", left,
		    plural(left));
	drain_free(drain);
	control_answer(request, left == 0 ? CONTROL_OK : CONTROL_FAILED);
}

static void
look(void *arg)
{
	struct drain *drain = arg;
	struct loop *loop = drain->request->superd->loop;
	size_t left = sessions_left(drain);

	if (left == 0 || loop_now(loop) >= drain->until)
		answer(drain, left);
	else
		loop_timer_set(loop, &drain->timer, LOOK);
}

static void
close_all(struct superd *superd)
{
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (!running->removed && running->closed == CLOSED_NOT)
			running_close(running, CLOSED_STOPPED);
}

/* NULL: it is refused with this status. */
static struct drain *
drain_new(struct request *request, const struct running *running,
    unsigned seconds, enum control_exit *status)
{
	struct loop *loop = request->superd->loop;
	struct drain *drain = calloc(1, sizeof(*drain));

	if (drain != NULL && running != NULL) {
		drain->id = strdup(running->id);
		if (drain->id == NULL) {
			free(drain);
			drain = NULL;
		}
	}
	if (drain == NULL) {
		*status = request_refuse(request, CONTROL_FAILED,
		    "drain: out of memory");
		return NULL;
	}
	drain->request = request;
	drain->until = loop_now(loop) + (int64_t)seconds * SECOND;
	loop_timer_init(&drain->timer, look, drain);
	loop_timer_set(loop, &drain->timer, 0);
	return drain;
}

/* Which service; running NULL and true: all of them. */
static bool
what_to_drain(struct request *request, struct running **running,
    enum control_exit *status)
{
	bool all = request->options[WITH_ALL] != NULL;

	*running = NULL;
	if (all != (request->count > 1)) {
		if (!all)
			*running = request_defined(request, status);
		return all || *running != NULL;
	}
	*status = request_refuse(request, CONTROL_USAGE,
	    "drain: expected either a service's ID or --all");
	return false;
}

enum control_exit
do_drain(struct request *request)
{
	const char *time = request->options[WITH_TIMEOUT];
	enum control_exit status = CONTROL_OK;
	unsigned seconds = DRAIN_TIME;
	struct running *running;

	if (time != NULL &&
	    (parse_duration(time, &seconds) != 0 || seconds > DRAIN_MOST))
		return request_refuse(request, CONTROL_USAGE,
		    "--timeout %s: expected a time, such as 60s", time);
	if (!what_to_drain(request, &running, &status))
		return status;
	request->later = drain_new(request, running, seconds, &status);
	if (request->later == NULL)
		return status;
	request->unwanted = unwanted;
	request->while_there = true;
	if (running == NULL)
		close_all(request->superd);
	else if (running->closed == CLOSED_NOT)
		running_close(running, CLOSED_STOPPED);
	return CONTROL_OK;
}
