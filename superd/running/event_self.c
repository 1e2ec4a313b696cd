/* superd as a whole. */
#include "superd/running/event_self.h"

#include <string.h>
#include <syslog.h>

#include "conf/report.h"
#include "conf/units.h"
#include "superd/log/log.h"
#include "superd/running/event_line.h"

static const char *
or_none(const char *path)
{
	return path != NULL ? path : "none";
}

/* "WORD: TEXT", which most of them are. */
static void
say(int priority, const char *word, const char *text)
{
	struct event_line line;

	event_begin(&line, word, NULL);
	event_say(&line, "%s", text);
	event_end(&line, NULL, priority);
}

/* Start and stop. */

void
event_ready(const char *summary)
{
	say(LOG_INFO, "ready", summary);
}

void
event_in_background(const char *summary)
{
	say(LOG_INFO, "start", summary);
}

void
event_own_paths(const char *pid_file, const char *control)
{
	struct event_line line;

	event_begin(&line, "not root", NULL);
	event_say(&line, "pid file %s, control socket %s", or_none(pid_file),
	    or_none(control));
	event_end(&line, NULL, LOG_INFO);
}

void
event_not_started(const char *why)
{
	say(LOG_ERR, "not started", why);
}

void
event_control_failed(const char *path, int error)
{
	struct event_line line;

	event_begin(&line, "error", NULL);
	event_add(&line, "control socket %s", path);
	event_say(&line,
	    "%s; name another path, or none, with --control or SUPERD_CONTROL",
	    strerror(error));
	event_end(&line, NULL, LOG_WARNING);
}

void
event_stopping(size_t children)
{
	struct event_line line;

	event_begin(&line, "stop", NULL);
	event_say(&line, "%zu child%s", children, children == 1 ? "" : "ren");
	event_end(&line, NULL, LOG_INFO);
}

void
event_stop_signal(const char *name, size_t children)
{
	struct event_line line;

	event_begin(&line, "stop", NULL);
	event_say(&line, "SIG%s to %zu child%s", name, children,
	    children == 1 ? "" : "ren");
	event_end(&line, NULL, LOG_INFO);
}

/* Loads. */

void
event_report(const struct report *report)
{
	char text[1024];
	struct event_line line;

	event_begin(&line, "", NULL);
	if (report->place.file != NULL && log_structured()) {
		event_hidden(&line, "file", "%s", report->place.file);
		event_hidden(&line, "line", "%u", report->place.line);
	}
	event_add(&line, "%s", report_format(report, text, sizeof(text)));
	event_end(&line, NULL,
	    report->level == REPORT_WARNING ? LOG_WARNING : LOG_ERR);
}

void
event_reports_left_out(size_t count, const char *file)
{
	struct event_line line;

	event_begin(&line, "", NULL);
	event_add(&line, "%zu more report%s", count, plural(count));
	event_say(&line, "see superd -t %s, and superctl list", file);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_load_wrote(const char *text)
{
	say(LOG_WARNING, "load", text);
}

void
event_reloaded(const char *summary)
{
	say(LOG_INFO, "reload", summary);
}

void
event_reload_refused(void)
{
	say(LOG_ERR, "reload", "refused, nothing was changed");
}

/* The state. */

void
event_dumped(const char *path)
{
	say(LOG_INFO, "dump", path);
}

void
event_dump_failed(const char *path, int error)
{
	struct event_line line;

	event_begin(&line, "dump", NULL);
	event_say(&line, "cannot write %s", path);
	event_error(&line, error);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_dump_killed(int signo)
{
	struct event_line line;

	event_begin(&line, "dump", NULL);
	event_say(&line, "not written: signal %d", signo);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_dump_impossible(int error)
{
	struct event_line line;

	event_begin(&line, "dump", NULL);
	event_say(&line, "no process for it");
	event_error(&line, error);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_dump_runs(void)
{
	say(LOG_INFO, "dump", "the last one is not written yet");
}

void
event_dump_line(const char *text)
{
	struct event_line line;

	event_begin(&line, "dump", NULL);
	event_add(&line, "%s", text);
	event_end(&line, NULL, LOG_INFO);
}

void
event_dump_left(const char *why)
{
	struct event_line line;

	event_begin(&line, "dump", NULL);
	event_say(&line, "not finished: %s", why);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_inconsistent(const char *id, const char *text)
{
	struct event_line line;

	event_begin(&line, "check", NULL);
	if (id != NULL)
		event_say(&line, "%s", id);
	event_say(&line, "%s", text);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_checked(size_t problems)
{
	struct event_line line;

	event_begin(&line, "check", NULL);
	if (problems == 0)
		event_say(&line, "the state is consistent");
	else
		event_say(&line, "the state is not consistent: %zu problems",
		    problems);
	event_end(&line, NULL, problems == 0 ? LOG_INFO : LOG_WARNING);
}

static void
say_upgrade(int level, const char *what, const char *text)
{
	struct event_line line;

	event_begin(&line, "upgrade", NULL);
	event_say(&line, "%s%s", what, text);
	event_end(&line, NULL, level);
}

void
event_upgrade_begun(const char *path)
{
	say_upgrade(LOG_INFO, "begun: ", path);
}

void
event_upgraded(const char *version)
{
	say_upgrade(LOG_INFO, "done: superd ", version);
}

void
event_upgrade_failed(const char *why)
{
	say_upgrade(LOG_ERR, "failed: ", why);
}

void
event_passed_unwanted(const char *text)
{
	struct event_line line;

	event_begin(&line, "error", NULL);
	event_add(&line, "passed");
	event_say(&line, "%s, closed", text);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_state_unwritten(const char *path, int error)
{
	struct event_line line;

	event_begin(&line, "state", NULL);
	event_say(&line, "cannot write %s", path);
	event_error(&line, error);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_state_unread(const char *path, unsigned number)
{
	struct event_line line;

	event_begin(&line, "state", NULL);
	if (number > 0)
		event_say(&line, "%s:%u: expected CLIENT TIME BY", path,
		    number);
	else
		event_say(&line,
		    "%s: expected a file that only superd may write", path);
	event_end(&line, NULL, LOG_WARNING);
}
