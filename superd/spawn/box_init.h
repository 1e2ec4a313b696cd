/* Process 1 of a box with a pid namespace of its own. */
#ifndef SUPERD_SPAWN_BOX_INIT_H
#define SUPERD_SPAWN_BOX_INIT_H

#include "conf/conf.h"

/*
 * Start the program as process 2, with the state that this process has taken
 * on and an empty signal mask.  Then pass on signals, and wait for all; when
 * the program ends, so does this process, and with it whatever else is in the
 * namespace.  Ends with the program's status, or with 128 and the number of
 * the signal that ended it, since process 1 cannot be ended by one.
 */
void box_init(const struct command *, char **envp) __attribute__((noreturn));

#endif
