/* The command line of superd. */
#ifndef SUPERD_OPTIONS_H
#define SUPERD_OPTIONS_H

#include "superd/base/settings.h"

/*
 * Parse the command line in the manner that the program's name asks for.
 * Usage errors print to stderr and return -1.
 */
int options_parse(struct options *, int argc, char *argv[]);
/* Fill in what was not said, once all that was is known. */
void options_complete(struct options *);
void options_usage(const struct options *);
void options_version(void);

#endif
