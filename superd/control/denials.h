/* Who is denied, listed and changed: denylist.h. */
#ifndef SUPERD_CONTROL_DENIALS_H
#define SUPERD_CONTROL_DENIALS_H

#include "superd/control/control.h"
#include "superd/control/fact.h"

/* What denied answers, of a struct denied; and deny and allow. */
extern const struct facts denied_facts;

/* superctl deny CLIENT [--for=TIME], allow CLIENT, denied */
control_fn do_deny, do_allow, do_denied;

#endif
