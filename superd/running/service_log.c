/* From a service to the log that its lines belong to. */
#include "superd/running/service_log.h"

#include <string.h>
#include <syslog.h>

#include "superd/base/settings.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"
#include "superd/spawn/daemon.h"

void
service_log_put(struct sink *sink, const struct record *record)
{
	if (log_take(record) && (sink == NULL || !sink_write(sink, record)))
		log_record(record);
}

/* The new one is there before the old one goes: most are the same. */
static void
replace(struct sink **sink, struct sink *new)
{
	sink_unref(*sink);
	*sink = new;
}

void
service_log_define(struct running *running)
{
	replace(&running->sink,
	    sink_get(running->superd->sinks, &running->service->log));
}

/* The daemon's own log. */

static struct log_target
daemon_target(const struct superd *superd)
{
	struct log_target target = superd->conf->globals.log;

	if (superd->options->log.kind != LOG_TO_DEFAULT) {
		target = superd->options->log;
		/* the command line's, which nobody changes */
		target.path = (char *)(uintptr_t)superd->options->log_path;
	}
	if (target.kind == LOG_TO_SYSLOG)
		target.level = LEVEL_OF_RECORD;
	if (target.kind == LOG_TO_STDERR || superd->options->debug)
		target.kind = LOG_TO_DEFAULT;
	return target;
}

static bool
to_sink(void *arg, const struct record *record)
{
	return sink_write(arg, record);
}

void
daemon_log_define(struct superd *superd)
{
	struct log_target target = daemon_target(superd);
	struct sink *sink = sink_get(superd->sinks, &target);
	bool same = sink == superd->sink;

	log_facility(
	    target.kind == LOG_TO_SYSLOG ? target.facility : LOG_DAEMON);
	log_divert(NULL, NULL);
	if (sink != NULL)
		log_divert(to_sink, sink);
	replace(&superd->sink, sink);
	if (!same && sink != NULL && sink_error(sink) != 0)
		sink_tell_error(sink);
	if (superd->conf->globals.log.kind == LOG_TO_STDERR &&
	    daemon_detached())
		log_warnx("error log_type STDERR: superd has no stderr after "
			  "detaching");
}

/* Reports. */

static const char *
why_not(const struct log_target *target, const struct sink *sink)
{
	if (target->kind == LOG_TO_STDERR && daemon_detached())
		return "superd has no stderr after detaching";
	if (sink == NULL || sink_error(sink) == 0)
		return NULL;
	return strerror(sink_error(sink));
}

static void
report_one(struct reports *reports, const struct place *place,
    const char *whose, const struct log_target *target, const struct sink *sink)
{
	const char *why = why_not(target, sink);

	if (why != NULL)
		report_add(reports, REPORT_WARNING, place,
		    "%s: log_type %s: %s; its lines go to superd's own log",
		    whose, target->path != NULL ? target->path : "STDERR", why);
}

void
logs_report(struct superd *superd, struct reports *reports)
{
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (running->service != NULL)
			report_one(reports, &running->service->place,
			    running->id, &running->service->log, running->sink);
}
