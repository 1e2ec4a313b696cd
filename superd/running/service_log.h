/*
 * Which log a line belongs to: that of its service, where that has one
 * (log_type of the service or of its defaults), or the daemon's, which is
 * what the command line or the configuration says.
 */
#ifndef SUPERD_RUNNING_SERVICE_LOG_H
#define SUPERD_RUNNING_SERVICE_LOG_H

#include "superd/running/superd.h"

/* One line, which is an event's (event.h), with a priority of syslog(3).  sink:
 * of its service; NULL, or one that cannot be used: superd's own log. */
void service_log_put(struct sink *, int priority, const char *line);

/* Open what the definitions ask for; what they have already stays open. */
void service_log_define(struct running *);
void daemon_log_define(struct superd *);
/* Add a warning for each service whose log cannot be used as it is asked
 * for. */
void logs_report(struct superd *, struct reports *);

#endif
