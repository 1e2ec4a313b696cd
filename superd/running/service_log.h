/*
 * Which log a line belongs to: that of its service, where that has one
 * (log_type of the service or of its defaults), or the daemon's, which is
 * what the command line or the configuration says.
 */
#ifndef SUPERD_RUNNING_SERVICE_LOG_H
#define SUPERD_RUNNING_SERVICE_LOG_H

#include "superd/running/superd.h"

/*
 * One line of a service, with a priority of syslog(3).  Every line about a
 * start, an end, a refusal or a pause goes through here; errors of superd
 * itself go to log_warn() and its like.
 */
void log_service(const struct running *, int priority, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a service that has ended, but not its sink (or NULL). */
void log_sink(struct sink *, int priority, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* Open what the definitions ask for; what they have already stays open. */
void service_log_define(struct running *);
void daemon_log_define(struct superd *);
/* Add a warning for each service whose log cannot be used as it is asked
 * for. */
void logs_report(struct superd *, struct reports *);

#endif
