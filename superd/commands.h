/*
 * Commands: what may be asked for through the control socket, and who
 * answers.
 */
#ifndef SUPERD_COMMANDS_H
#define SUPERD_COMMANDS_H

#include "superd/control/control.h"
#include "superd/control/fact.h"

/* What reload answers, of a struct reload_result. */
extern const struct facts reload_facts;

/* For control_new(). */
enum control_exit commands_run(struct request *);

#endif
