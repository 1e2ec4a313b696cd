/* How a service is defined, what went wrong with it, and how it ended. */
#include <sys/wait.h>

#include <string.h>

#include "superd/control/facts_service.h"
#include "superd/running/running_more.h"

/* How it is defined. */

static const struct fact rate_rows[] = {
	{ "count", FACT_MEMBER(struct rate, count), .line = LINE_LIMITS },
	{ "seconds", FACT_MEMBER(struct rate, seconds), .line = LINE_LIMITS,
	    .before = " in ", .after = " s", .some = true },
};

static const struct facts rate_facts = FACTS(rate_rows);

static const struct rate *
rate_given(const struct rate *rate)
{
	return is_limit(rate->count) ? rate : NULL;
}

static void
limits_rate(const void *object, struct fact_value *value)
{
	const struct limits *limits = object;

	value->object = rate_given(&limits->rate);
}

static void
limits_source_rate(const void *object, struct fact_value *value)
{
	const struct limits *limits = object;

	value->object = rate_given(&limits->source_rate);
}

static const struct fact limits_rows[] = {
	{ "instances", FACT_LIMIT, .offset = offsetof(struct limits, instances),
	    .line = LINE_LIMITS, .before = ", instances " },
	{ "per_source", FACT_LIMIT,
	    .offset = offsetof(struct limits, per_source), .line = LINE_LIMITS,
	    .before = ", per_source " },
	{ "rate", FACT_OBJECT, .get = limits_rate, .within = &rate_facts,
	    .before = ", rate " },
	{ "source_rate", FACT_OBJECT, .get = limits_source_rate,
	    .within = &rate_facts, .before = ", source_rate " },
};

static const struct facts limits_facts = FACTS(limits_rows);

static void
service_dialect(const void *object, struct fact_value *value)
{
	static const char *const dialects[] = { "auto", "inetd", "xinetd",
		"superd" };
	const struct service *service = object;

	value->text = dialects[service->dialect];
}

static const struct fact definition_rows[] = {
	{ "name", FACT_MEMBER(struct service, name) },
	{ "dialect", FACT_TEXT, .get = service_dialect },
	{ "wait", FACT_MEMBER(struct service, wait) },
	{ "internal", FACT_MEMBER(struct service, internal),
	    .line = LINE_INTERNAL },
	{ NULL, FACT_MEMBER(struct service, redirect.host),
	    .line = LINE_REDIRECT, .before = "to " },
	{ NULL, FACT_MEMBER(struct service, redirect.port),
	    .line = LINE_REDIRECT, .before = " port " },
	{ "program", FACT_MEMBER(struct service, command.program) },
	{ "args", FACT_MEMBER(struct service, command.argv),
	    .line = LINE_ARGUMENTS },
	{ "user", FACT_MEMBER(struct service, command.user), .line = LINE_USER,
	    .missing = "as superd's own" },
	{ "group", FACT_MEMBER(struct service, command.group),
	    .line = LINE_USER, .before = ", group " },
	{ "file", FACT_MEMBER(struct service, place.file),
	    .line = LINE_DEFINED },
	{ "line", FACT_MEMBER(struct service, place.line), .line = LINE_DEFINED,
	    .before = ":" },
	{ "limits", FACT_OBJECT, .offset = offsetof(struct service, limits),
	    .within = &limits_facts },
};

const struct facts definition_facts = FACTS(definition_rows);

/* What went wrong, and how it ended. */

static void
failure_error(const void *object, struct fact_value *value)
{
	const struct last_failure *failure = object;

	value->text = strerror(failure->error);
}

static void
failure_ago(const void *object, struct fact_value *value)
{
	const struct last_failure *failure = object;

	value->seconds = seconds_since(failure->at);
}

static const struct fact failure_rows[] = {
	{ "step", FACT_MEMBER(struct last_failure, step),
	    .line = LINE_FAILURE },
	{ "error", FACT_TEXT, .get = failure_error, .line = LINE_FAILURE,
	    .before = ": " },
	{ "pid", FACT_MEMBER(struct last_failure, pid), .line = LINE_FAILURE,
	    .before = ", pid " },
	{ "ago", FACT_SECONDS, .get = failure_ago, .line = LINE_FAILURE,
	    .before = ", ", .after = " s ago" },
};

const struct facts failure_facts = FACTS(failure_rows);

/* Of status and signal, one is none. */
static void
exit_status(const void *object, struct fact_value *value)
{
	const struct last_exit *last = object;

	value->none = WIFSIGNALED(last->status);
	value->number = WEXITSTATUS(last->status);
}

static void
exit_signal(const void *object, struct fact_value *value)
{
	const struct last_exit *last = object;

	value->none = !WIFSIGNALED(last->status);
	value->number = WTERMSIG(last->status);
}

static void
exit_signal_name(const void *object, struct fact_value *value)
{
	const struct last_exit *last = object;

	if (WIFSIGNALED(last->status))
		value->text = strsignal(WTERMSIG(last->status));
}

static void
exit_ago(const void *object, struct fact_value *value)
{
	const struct last_exit *last = object;

	value->seconds = seconds_since(last->at);
}

static const struct fact exit_rows[] = {
	{ "status", FACT_NUMBER, .get = exit_status, .line = LINE_EXIT,
	    .before = "status " },
	{ "signal", FACT_NUMBER, .get = exit_signal, .line = LINE_EXIT,
	    .before = "signal " },
	{ NULL, FACT_TEXT, .get = exit_signal_name, .line = LINE_EXIT,
	    .before = " (", .after = ")" },
	{ "pid", FACT_MEMBER(struct last_exit, pid), .line = LINE_EXIT,
	    .before = ", pid " },
	{ "ago", FACT_SECONDS, .get = exit_ago, .line = LINE_EXIT,
	    .before = ", ", .after = " s ago" },
};

const struct facts exit_facts = FACTS(exit_rows);
