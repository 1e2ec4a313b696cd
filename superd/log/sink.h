/*
 * Sinks: what log_type asks for, each opened once for all services that ask
 * for the same.  A sink that cannot be used says so once in the daemon's log,
 * to which its lines go meanwhile.
 */
#ifndef SUPERD_LOG_SINK_H
#define SUPERD_LOG_SINK_H

#include <stdbool.h>

#include "conf/conf.h"

struct sink;
struct sinks;

/* As the level of a target: that of each record. */
enum { LEVEL_OF_RECORD = -1 };

struct sinks *sinks_new(void);
void sinks_free(struct sinks *); /* accepts NULL */
/* Open every file anew: it may have been renamed. */
void sinks_reopen(struct sinks *);
/* The one of this target, with one more reference.  NULL: LOG_TO_DEFAULT. */
struct sink *sink_get(struct sinks *, const struct log_target *);
struct sink *sink_ref(struct sink *); /* accepts NULL, as below */
void sink_unref(struct sink *);
/* 0, or the errno for which it could not be opened. */
int sink_error(const struct sink *);
/* ... which is told in superd's own log. */
void sink_tell_error(const struct sink *);
/* Lines that were lost since the start. */
unsigned long long sinks_dropped(const struct sinks *);
/* One line.  False: it has to go elsewhere. */
bool sink_write(struct sink *, int priority, const char *text);

#endif
