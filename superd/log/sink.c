/* Write lines to the files, syslog or stderr that log_type selects. */
#include "superd/log/sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <bsd/sys/queue.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/log/log.h"
#include "superd/log/log_file.h"

enum { PATH_SHOWN = 512 };

struct sink {
	TAILQ_ENTRY(sink) entry;
	struct sinks *sinks;
	unsigned refs;
	struct log_target target; /* its path is the file's */
	struct logfile file;
	int error; /* errno, reported already; 0: it works */
	bool soft_said, hard_said;
	bool busy;		    /* writing: its own messages go elsewhere */
	unsigned long long dropped; /* lines, not reported yet */
};

TAILQ_HEAD(sink_list, sink);

struct sinks {
	struct sink_list list;
	unsigned long long dropped;
};

struct sinks *
sinks_new(void)
{
	struct sinks *sinks = xcalloc(1, sizeof(*sinks));

	TAILQ_INIT(&sinks->list);
	return sinks;
}

static void
sink_free(struct sink *sink)
{
	TAILQ_REMOVE(&sink->sinks->list, sink, entry);
	logfile_close(&sink->file);
	free(sink->target.path);
	free(sink);
}

void
sinks_free(struct sinks *sinks)
{
	struct sink *sink;

	if (sinks == NULL)
		return;
	while ((sink = TAILQ_FIRST(&sinks->list)) != NULL)
		sink_free(sink);
	free(sinks);
}

void
sink_tell_error(const struct sink *sink)
{
	char path[PATH_SHOWN];

	log_at(LOG_WARNING, "error log %s: %s; its lines come here",
	    log_printable(path, sizeof(path), sink->file.path,
		strlen(sink->file.path)),
	    strerror(sink->error));
}

/* Report an error, unless it is the one reported last. */
static void
complain(struct sink *sink, int error)
{
	if (error == sink->error)
		return;
	sink->error = error;
	sink_tell_error(sink);
}

static void
reopen(struct sink *sink)
{
	if (sink->target.kind != LOG_TO_FILE)
		return;
	sink->busy = true;
	if (logfile_open(&sink->file) != 0)
		complain(sink, errno);
	else
		sink->error = 0;
	sink->soft_said = sink->hard_said = false;
	sink->busy = false;
}

void
sinks_reopen(struct sinks *sinks)
{
	struct sink *sink;

	for (sink = TAILQ_FIRST(&sinks->list); sink != NULL;
	     sink = TAILQ_NEXT(sink, entry))
		reopen(sink);
}

/* An error in opening it is left to the caller to report. */
static struct sink *
sink_new(struct sinks *sinks, const struct log_target *target)
{
	struct sink *sink = xcalloc(1, sizeof(*sink));

	sink->sinks = sinks;
	sink->target = *target;
	if (target->kind == LOG_TO_FILE) {
		sink->target.path = xstrdup(target->path);
		sink->file.path = sink->target.path;
		sink->file.soft = target->soft;
		sink->file.hard = target->hard;
		sink->file.fd = -1;
		if (logfile_open(&sink->file) != 0)
			sink->error = errno;
	} else {
		sink->target.path = NULL;
		sink->file.fd = -1;
	}
	TAILQ_INSERT_HEAD(&sinks->list, sink, entry);
	return sink;
}

struct sink *
sink_get(struct sinks *sinks, const struct log_target *target)
{
	struct sink *sink;

	if (target->kind == LOG_TO_DEFAULT)
		return NULL;
	TAILQ_FOREACH (sink, &sinks->list, entry)
		if (log_target_same(&sink->target, target))
			return sink_ref(sink);
	return sink_ref(sink_new(sinks, target));
}

struct sink *
sink_ref(struct sink *sink)
{
	if (sink != NULL)
		sink->refs++;
	return sink;
}

void
sink_unref(struct sink *sink)
{
	if (sink != NULL && --sink->refs == 0)
		sink_free(sink);
}

unsigned long long
sinks_dropped(const struct sinks *sinks)
{
	return sinks->dropped;
}

int
sink_error(const struct sink *sink)
{
	return sink->error;
}

/* Files. */

static void
tell_limits(struct sink *sink)
{
	char path[PATH_SHOWN];
	const struct logfile *file = &sink->file;

	log_printable(path, sizeof(path), file->path, strlen(file->path));
	if (file->soft_reached && !sink->soft_said && file->soft > 0)
		log_at(LOG_ALERT, "log %s: soft limit of %llu bytes reached",
		    path, (unsigned long long)file->soft);
	if (file->hard_reached && !sink->hard_said)
		log_at(LOG_ALERT,
		    "log %s: hard limit of %llu bytes reached: "
		    "no more lines are written",
		    path, (unsigned long long)file->hard);
	sink->soft_said = file->soft_reached;
	sink->hard_said = file->hard_reached;
}

static enum log_result
put_file(struct sink *sink, const struct record *record)
{
	bool text = log_form_now() == LOG_FORMAT_TEXT;
	char line[RECORD_MAX];

	record_print(record, log_form_now(), true, line, sizeof(line));
	switch (logfile_write(&sink->file, line, text)) {
	case LOGFILE_WRITTEN:
		sink->error = 0;
		return LOG_WRITTEN;
	case LOGFILE_DROPPED:
	case LOGFILE_FULL:
		return LOG_DROPPED;
	case LOGFILE_FAILED:
		break;
	}
	if (errno != EAGAIN) /* EAGAIN: no new attempt yet */
		complain(sink, errno);
	return LOG_NOBODY;
}

static enum log_result
put(struct sink *sink, const struct record *record)
{
	const struct log_target *target = &sink->target;
	int priority = target->level != LEVEL_OF_RECORD ?
	    target->level :
	    record->priority;

	if (target->kind == LOG_TO_FILE)
		return put_file(sink, record);
	if (target->kind == LOG_TO_STDERR)
		return log_stderr(record);
	return log_syslog(priority | target->facility, record);
}

static void
tell_dropped(struct sink *sink)
{
	char note[80];
	const struct record record = { .priority = LOG_WARNING, .text = note };

	if (sink->dropped == 0)
		return;
	snprintf(note, sizeof(note), "log: %llu records dropped",
	    sink->dropped);
	if (put(sink, &record) == LOG_WRITTEN)
		sink->dropped = 0;
}

bool
sink_write(struct sink *sink, const struct record *record)
{
	enum log_result result;

	if (sink->busy)
		return false;
	sink->busy = true;
	tell_dropped(sink);
	result = put(sink, record);
	if (result == LOG_DROPPED) {
		sink->dropped++;
		sink->sinks->dropped++;
	}
	if (sink->target.kind == LOG_TO_FILE)
		tell_limits(sink);
	sink->busy = false;
	return result != LOG_NOBODY;
}
