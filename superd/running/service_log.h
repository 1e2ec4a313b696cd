/*
 * Which log a line goes to: that of its service, by log_type of the service or
 * of its defaults, or else superd's own, by the global log_type or the command
 * line.
 */
#ifndef SUPERD_RUNNING_SERVICE_LOG_H
#define SUPERD_RUNNING_SERVICE_LOG_H

#include "superd/log/record.h"
#include "superd/running/superd.h"

/* Write a record to a service's log; to superd's own if sink is NULL or cannot
 * be used. */
void service_log_put(struct sink *, const struct record *);

/* Open the log that the service's definition asks for, unless it is open. */
void service_log_define(struct running *);
/* Open superd's own log as the configuration asks for it. */
void daemon_log_define(struct superd *);
/* Add a warning for each service whose log cannot be used. */
void logs_report(struct superd *, struct reports *);

#endif
