/*
 * Sessions: the clients that are served now, each by a process of its own or
 * as a connection of an internal process.  They go by what sessions prints:
 * a pid, or PID/CONNECTION.
 */
#ifndef SUPERD_CONTROL_SESSIONS_H
#define SUPERD_CONTROL_SESSIONS_H

#include "superd/control/control.h"
#include "superd/control/fact.h"

/* What sessions answers, of a struct child. */
extern const struct facts session_facts;

/* How many there are, of a size_t: what kill and drain answer. */
extern const struct facts session_count_facts;

/* superctl sessions [ID] */
enum control_exit do_sessions(struct request *);
/* superctl kill ID|PID [--signal=SIGNAL] */
enum control_exit do_kill(struct request *);

#endif
