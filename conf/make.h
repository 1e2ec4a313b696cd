/*
 * Make: from drafts to the model.  What an option means is its type's
 * (conf/type.h); what options mean together stands in make_socket.c (where
 * the service listens), make_server.c (what serves it, as whom, and whom)
 * and rules.c.  Dialects differ by their manner alone.
 */
#ifndef CONF_MAKE_H
#define CONF_MAKE_H

#include "conf/draft.h"
#include "conf/readers.h"

/*
 * A service for the conf, from what its entry and the defaults say together.
 * bad: a part of it was reported, and it cannot be served.
 */
struct service *service_make(struct loader *, enum dialect,
    const struct draft *, const struct place *, bool bad);
/* What defaults mean by themselves, where there may be no service: reports. */
void defaults_check(struct loader *, enum dialect, const struct draft *);
/* The conf's globals. */
void globals_make(struct loader *, const struct draft *);

#endif
