/*
 * A configuration that is given, not named: on standard input, as "-", or in
 * the environment.  Its text is read once and kept, so that a reload reads the
 * same again.
 */
#ifndef SUPERD_GIVEN_H
#define SUPERD_GIVEN_H

#include "superd/base/settings.h"

/* The variable that may have a configuration. */
#define GIVEN_VARIABLE "SUPERD_CONF"

/*
 * Take what is given: if options->file is "-", all of standard input, which is
 * /dev/null from then on; if it is NULL and superd was not started by the name
 * of an inetd, the variable, if that is set.  options->given is the text then,
 * options->file its name for messages.  0, or -1 with a message on stderr.
 */
int given_take(struct options *);

#endif
