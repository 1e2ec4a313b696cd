/*
 * What is logged about one service: to its own log where it has one (log_type
 * of the service or of its defaults), else to the daemon's log.
 */
#ifndef SUPERD_SERVICELOG_H
#define SUPERD_SERVICELOG_H

#include "superd/superd.h"

/*
 * One line of a service, with a priority of syslog(3).  Every line about a
 * start, an end, a refusal or a pause goes through here; errors of superd
 * itself go to log_warn() and its like.
 */
void	log_service(const struct live *, int priority, const char *, ...)
	    __attribute__((format(printf, 3, 4)));

#endif
