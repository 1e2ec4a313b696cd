/* The commands that list and change the deny list (running/denylist.h). */
#ifndef SUPERD_CONTROL_DENIALS_H
#define SUPERD_CONTROL_DENIALS_H

#include "superd/control/control.h"
#include "superd/control/fact.h"

/* Of a struct denied: the answer of all three commands. */
extern const struct facts denied_facts;

/* superctl deny CLIENT [--for=TIME], allow CLIENT, denied */
control_fn do_deny, do_allow, do_denied;

#endif
