/*
 * Limits of a service that were set by hand: the service has a definition of
 * its own until the next reload, which differs from that of the configuration
 * in these only.
 */
#ifndef SUPERD_RUNNING_OVERRIDE_H
#define SUPERD_RUNNING_OVERRIDE_H

#include "superd/running/superd.h"

enum override_result {
	OVERRIDE_DONE,
	OVERRIDE_UNKNOWN, /* no option, or none that can be set by hand */
	OVERRIDE_WRONG,	  /* not a value of it */
	OVERRIDE_NO_MEMORY
};

/* value: as superd.conf has it.  It holds for new clients, as soon as the
 * caller has called running_limits_changed(). */
enum override_result override_set(struct running *, const char *option,
    const char *value);
/* The same, and nothing is changed: is that possible? */
enum override_result override_check(const char *option, const char *value);
/* What OVERRIDE_WRONG expected; NULL: the option cannot be set. */
const char *override_wants(const char *option);
/* report_hint() with the options that can be set. */
const char *override_hint(struct hint *, const char *option);
/* The definition of the configuration, whatever was set. */
const struct service *override_base(const struct running *);
/* As it says again.  False: it did. */
bool override_end(struct running *);
/* The service gets another definition, or none. */
void override_forget(struct running *);
/* "instances=50 rate=100/m"; NULL: nothing was set. */
const char *override_text(const struct running *);

#endif
