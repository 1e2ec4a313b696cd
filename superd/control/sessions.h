/*
 * Sessions: the clients that are being served, each by a process of its own or
 * by a connection of an internal process.  A session is named by its pid, or by
 * PID/CONNECTION.
 */
#ifndef SUPERD_CONTROL_SESSIONS_H
#define SUPERD_CONTROL_SESSIONS_H

#include "superd/control/control.h"
#include "superd/control/fact.h"

/* The answer of sessions: an object each. */
extern const struct facts session_facts;

/* Of a size_t, the number of sessions: the answer of kill and drain. */
extern const struct facts session_count_facts;

/* Append the answer to superctl sessions [ID]; for a process that was forked
 * and has time, see superd/base/sockdiag_all.h. */
void sessions_write(struct request *, struct text *);
/* superctl kill ID|PID [--signal=SIGNAL] */
enum control_exit do_kill(struct request *);

#endif
