/* The parts of a service's facts, and the lines for people that they share. */
#ifndef SUPERD_CONTROL_FACTS_SERVICE_H
#define SUPERD_CONTROL_FACTS_SERVICE_H

#include "superd/control/facts.h"

/* Lines of show and of the dumps. */
enum service_line {
	LINE_HEAD = 1,
	LINE_INTERNAL,
	LINE_REDIRECT,
	LINE_ARGUMENTS,
	LINE_USER,
	LINE_DEFINED,
	LINE_SOCKET,
	LINE_LIMITS,
	LINE_OVERRIDDEN,
	LINE_COUNTS,
	LINE_DATAGRAMS,
	LINE_REFUSED,
	LINE_FAILURE,
	LINE_EXIT,
	LINE_HOLDS,
	LINE_CLIENTS,
	LINE_CHILD,
	SERVICE_LINES
};

/* Of a struct listener, child and service. */
extern const struct facts listener_facts, child_facts, definition_facts;
/* Of a struct child, for rows of other tables: the id of its service, for how
 * long it has been there, its client's address or NULL. */
void child_service(const void *, struct fact_value *);
void child_since(const void *, struct fact_value *);
void child_peer(const void *, struct fact_value *);
/* Of a struct last_failure and last_exit. */
extern const struct facts failure_facts, exit_facts;

#endif
