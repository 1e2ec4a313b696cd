/*
 * Answers of superctl that a process of its own writes, without rights, since
 * the loop has others to serve: of all services, or with what the kernel knows
 * of all sockets.
 */
#ifndef SUPERD_APART_H
#define SUPERD_APART_H

#include "superd/control/control.h"

/* superctl metrics */
enum control_exit do_metrics(struct request *);
/* superctl sessions [ID] */
enum control_exit do_sessions(struct request *);

#endif
