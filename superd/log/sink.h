/*
 * Sinks: the log targets that log_type selects.  Services with the same target
 * share one sink.  A sink that cannot be used reports that once in the
 * daemon's log, and its lines go there until it works.
 */
#ifndef SUPERD_LOG_SINK_H
#define SUPERD_LOG_SINK_H

#include <stdbool.h>

#include "conf/conf.h"
#include "superd/log/record.h"

struct sink;
struct sinks;

/* Level of a target that keeps the level of each record. */
enum { LEVEL_OF_RECORD = -1 };

struct sinks *sinks_new(void); /* never NULL */
/* Free the set and all its sinks, whatever their references.  Accepts NULL. */
void sinks_free(struct sinks *);
/* Reopen every file, since it may have been renamed. */
void sinks_reopen(struct sinks *);
/* The sink of a target, which is copied, with one more reference.  Opens a
 * file if the sink is new.  NULL only for LOG_TO_DEFAULT. */
struct sink *sink_get(struct sinks *, const struct log_target *);
/* One more reference, and one less; the last one frees the sink.  Both accept
 * NULL. */
struct sink *sink_ref(struct sink *);
void sink_unref(struct sink *);
/* The errno with which the file could not be opened or written; 0: it works. */
int sink_error(const struct sink *);
/* Log that error in the daemon's own log. */
void sink_tell_error(const struct sink *);
/* The number of lines dropped since the start, by all sinks. */
unsigned long long sinks_dropped(const struct sinks *);
/* Write one record.  Never blocks.  False: it was not written, and belongs in
 * the daemon's log. */
bool sink_write(struct sink *, const struct record *);

#endif
