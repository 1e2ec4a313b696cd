/* What a reload has to say. */
#include <stdio.h>
#include <string.h>

#include "superd/base/settings.h"
#include "superd/reload.h"
#include "superd/running/event_self.h"

enum { LOGGED_REPORTS = 100 };

void
reload_result_free(struct reload_result *result)
{
	reports_free(&result->more);
}

static size_t
loaded_reports(const struct reload_result *result)
{
	return result->reports == NULL ? 0 : result->reports->count;
}

size_t
reload_reports(const struct reload_result *result)
{
	return loaded_reports(result) + result->more.count;
}

const struct report *
reload_report(const struct reload_result *result, size_t i)
{
	size_t loaded = loaded_reports(result);

	return i < loaded ?
	    &result->reports->list[i] :
	    &result->more.list[i - loaded];
}

bool
reload_failed(const struct reload_result *result)
{
	return (result->reports != NULL &&
		   reports_at_least(result->reports, REPORT_UNSERVABLE) > 0) ||
	    reports_at_least(&result->more, REPORT_UNSERVABLE) > 0;
}

char *
reload_summary(const struct reload_result *result, char *buf, size_t size)
{
	snprintf(buf, size,
	    "added %zu, removed %zu, changed %zu, kept %zu, stale %zu",
	    result->added, result->dropped, result->changed, result->kept,
	    result->stale);
	return buf;
}

void
reload_log_reports(const struct superd *superd,
    const struct reload_result *result)
{
	size_t count = reload_reports(result);

	for (size_t i = 0; i < count && i < LOGGED_REPORTS; i++)
		event_report(reload_report(result, i));
	if (count > LOGGED_REPORTS)
		event_reports_left_out(count - LOGGED_REPORTS,
		    superd->options->file);
}

void
reload_log(struct superd *superd, const struct reload_result *result)
{
	char text[1024];

	reload_log_reports(superd, result);
	if (result->applied)
		event_reloaded(reload_summary(result, text, sizeof(text)));
	else
		event_reload_refused();
}
