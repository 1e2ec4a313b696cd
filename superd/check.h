/* superd -t, -T and --export: read, check, report; unprivileged, binds nothing.
 */
#ifndef SUPERD_CHECK_H
#define SUPERD_CHECK_H

#include "superd/base/settings.h"

/* What the command line and this build mean for a load; names is unset. */
void check_context(const struct options *, struct load_context *);
/* The same with names, but no name server is asked: for who looks at texts, and
 * not at what they lead to. */
void check_context_alone(const struct options *, struct load_context *);
/* Print all reports (and the conf, for ACTION_PRINT or ACTION_EXPORT); the exit
 * status. */
int check_run(const struct options *);

#endif
