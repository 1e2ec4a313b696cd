/*
 * Making services from drafts.  The meaning of one option is in its type
 * (conf/type.h); the meaning of options together is in make_socket.c (where a
 * service listens), make_server.c (its server, user and access) and rules.c.
 * Dialects differ only in their manner (conf/manner.h).
 */
#ifndef CONF_MAKE_H
#define CONF_MAKE_H

#include "conf/draft.h"
#include "conf/readers.h"

/* Make a service of a draft that has inherited its defaults, and add it to the
 * conf.  bad: an error in it was reported, so that it cannot be served. */
struct service *service_make(struct loader *, enum dialect,
    const struct draft *, const struct place *, bool bad);
/* Report errors in defaults, whether a service uses them or not. */
void defaults_check(struct loader *, enum dialect, const struct draft *);
/* Set the conf's globals from a draft. */
void globals_make(struct loader *, const struct draft *);

#endif
