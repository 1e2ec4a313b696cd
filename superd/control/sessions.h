/*
 * Sessions: the clients that are being served, each by a process of its own or
 * by a connection of an internal process.  A session is named by its pid, or by
 * PID/CONNECTION.
 */
#ifndef SUPERD_CONTROL_SESSIONS_H
#define SUPERD_CONTROL_SESSIONS_H

#include "superd/control/control.h"
#include "superd/control/fact.h"

/* Of a struct child: the answer of sessions. */
extern const struct facts session_facts;

/* Of a size_t, the number of sessions: the answer of kill and drain. */
extern const struct facts session_count_facts;

/* superctl sessions [ID] */
enum control_exit do_sessions(struct request *);
/* superctl kill ID|PID [--signal=SIGNAL] */
enum control_exit do_kill(struct request *);

#endif
